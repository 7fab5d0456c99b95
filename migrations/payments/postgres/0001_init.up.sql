-- Times are microseconds since 1970 in UTC, amounts are minor units of the row's currency.

CREATE TABLE payments (
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    order_id    text COLLATE "C" NOT NULL UNIQUE,
    customer_id text COLLATE "C" NOT NULL,
    status      text COLLATE "C" NOT NULL CHECK (status IN
                    ('authorizing', 'authorized', 'declined', 'capturing', 'captured', 'capture_failed',
                     'partially_refunded', 'refunded', 'voiding', 'voided')),
    currency    text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    amount      bigint           NOT NULL CHECK (amount >= 0),
    captured    bigint           NOT NULL,
    refunded    bigint           NOT NULL,
    card_token  text COLLATE "C" NOT NULL,
    held        boolean          NOT NULL,
    cancelled   boolean          NOT NULL,
    answered    boolean          NOT NULL,
    voids       bigint           NOT NULL CHECK (voids >= 0),
    opened_at   bigint           NOT NULL,
    changed_at  bigint           NOT NULL,
    CHECK (captured IN (0, amount)),
    CHECK (refunded BETWEEN 0 AND captured),
    CHECK (card_token = '' OR status = 'authorizing'),
    CHECK (captured = 0 OR status IN ('captured', 'partially_refunded', 'refunded')),
    CHECK (NOT held OR status IN ('authorized', 'capturing', 'capture_failed', 'voiding')),
    CHECK (NOT answered OR cancelled)
);

CREATE INDEX payments_by_customer ON payments (customer_id, id);

CREATE TABLE refunds (
    id         text COLLATE "C" NOT NULL PRIMARY KEY,
    payment_id text COLLATE "C" NOT NULL REFERENCES payments (id),
    return_id  text COLLATE "C" NOT NULL, -- empty: for the whole order
    amount     bigint           NOT NULL CHECK (amount >= 0),
    status     text COLLATE "C" NOT NULL CHECK (status IN ('requested', 'refunded', 'refund_failed')),
    attempt    bigint           NOT NULL CHECK (attempt >= 0),
    reason     text COLLATE "C" NOT NULL,
    created_at bigint           NOT NULL,
    UNIQUE (payment_id, return_id),
    CHECK (attempt > 0 OR status = 'refund_failed')
);

-- The provider's first answer to each request, by its own reference.
CREATE TABLE provider_answers (
    reference    text COLLATE "C" NOT NULL PRIMARY KEY,
    payment_id   text COLLATE "C" NOT NULL REFERENCES payments (id),
    request_call text COLLATE "C" NOT NULL CHECK (request_call IN ('authorize', 'capture', 'void', 'refund')),
    request_key  text COLLATE "C" NOT NULL,
    accepted     boolean          NOT NULL,
    currency     text COLLATE "C" NOT NULL,
    amount       bigint           NOT NULL CHECK (amount > 0),
    reason       text COLLATE "C" NOT NULL,
    heard_at     bigint           NOT NULL,
    UNIQUE (request_call, request_key)
);

CREATE INDEX provider_answers_by_payment ON provider_answers (payment_id);

-- What cannot be right and changed nothing. Somebody has to look at it.
CREATE TABLE payment_alarms (
    order_id  text COLLATE "C" NOT NULL,
    message   text COLLATE "C" NOT NULL,
    raised_at bigint           NOT NULL,
    PRIMARY KEY (order_id, message)
);

-- The books: rows are only added, and the postings of a transaction sum to zero in each currency.
CREATE TABLE ledger_transactions (
    kind       text COLLATE "C" NOT NULL CHECK (kind IN ('held', 'released', 'captured', 'refund_owed', 'refund_paid')),
    reference  text COLLATE "C" NOT NULL, -- the payment or refund that it is about
    payment_id text COLLATE "C" NOT NULL REFERENCES payments (id),
    posted_at  bigint           NOT NULL,
    PRIMARY KEY (kind, reference)
);

CREATE INDEX ledger_transactions_by_payment ON ledger_transactions (payment_id);

CREATE TABLE ledger_postings (
    kind      text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    number    bigint           NOT NULL,
    account   text COLLATE "C" NOT NULL CHECK (account IN
                  ('holds', 'held_for_us', 'clearing', 'sales', 'refunds', 'customers')),
    currency  text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    amount    bigint           NOT NULL CHECK (amount <> 0), -- debits are positive, credits negative
    PRIMARY KEY (kind, reference, number),
    FOREIGN KEY (kind, reference) REFERENCES ledger_transactions (kind, reference)
);
