-- Times are microseconds since 1970 in UTC, amounts are minor units of the row's currency.

-- What the provider knows of a merchant's payment.
CREATE TABLE provider_accounts (
    payment_id     text COLLATE "C" NOT NULL PRIMARY KEY,
    card           text COLLATE "C" NOT NULL,
    status         text COLLATE "C" NOT NULL CHECK (status IN ('deciding', 'held', 'declined', 'voided', 'captured')),
    currency       text COLLATE "C" NOT NULL,
    amount         bigint           NOT NULL CHECK (amount >= 0),
    refunded       bigint           NOT NULL,
    refund_refused boolean          NOT NULL,
    decides_at     bigint           NOT NULL, -- 0: never
    CHECK (refunded BETWEEN 0 AND amount)
);

-- What was asked and answered. The same call with the same key is answered the same.
CREATE TABLE provider_requests (
    request_call text COLLATE "C" NOT NULL CHECK (request_call IN ('authorize', 'capture', 'void', 'refund')),
    request_key  text COLLATE "C" NOT NULL,
    payment_id   text COLLATE "C" NOT NULL,
    currency     text COLLATE "C" NOT NULL,
    amount       bigint           NOT NULL CHECK (amount > 0),
    outcome      text COLLATE "C" NOT NULL CHECK (outcome IN ('pending', 'accepted', 'refused')),
    reason       text COLLATE "C" NOT NULL,
    reference    text COLLATE "C" NOT NULL UNIQUE,
    asked_at     bigint           NOT NULL,
    PRIMARY KEY (request_call, request_key)
);

-- The statement: what was really moved. Rows are only added.
CREATE TABLE provider_statement (
    reference  text COLLATE "C" NOT NULL PRIMARY KEY,
    payment_id text COLLATE "C" NOT NULL,
    movement   text COLLATE "C" NOT NULL CHECK (movement IN ('authorize', 'capture', 'void', 'refund')),
    currency   text COLLATE "C" NOT NULL,
    amount     bigint           NOT NULL CHECK (amount > 0),
    booked_at  bigint           NOT NULL
);

CREATE INDEX provider_statement_by_payment ON provider_statement (payment_id);
