-- Times are microseconds since 1970 in UTC, amounts are minor units of the row's currency.

-- What the provider knows of a merchant's payment.
CREATE TABLE provider_accounts (
    payment_id     TEXT    NOT NULL PRIMARY KEY,
    card           TEXT    NOT NULL,
    status         TEXT    NOT NULL CHECK (status IN ('deciding', 'held', 'declined', 'voided', 'captured')),
    currency       TEXT    NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount >= 0),
    refunded       INTEGER NOT NULL,
    refund_refused INTEGER NOT NULL CHECK (refund_refused IN (false, true)),
    decides_at     INTEGER NOT NULL, -- 0: never
    CHECK (refunded BETWEEN 0 AND amount)
) STRICT, WITHOUT ROWID;

-- What was asked and answered. The same call with the same key is answered the same.
CREATE TABLE provider_requests (
    request_call TEXT    NOT NULL CHECK (request_call IN ('authorize', 'capture', 'void', 'refund')),
    request_key  TEXT    NOT NULL,
    payment_id   TEXT    NOT NULL,
    currency     TEXT    NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    outcome      TEXT    NOT NULL CHECK (outcome IN ('pending', 'accepted', 'refused')),
    reason       TEXT    NOT NULL,
    reference    TEXT    NOT NULL UNIQUE,
    asked_at     INTEGER NOT NULL,
    PRIMARY KEY (request_call, request_key)
) STRICT, WITHOUT ROWID;

-- The statement: what was really moved. Rows are only added.
CREATE TABLE provider_statement (
    reference  TEXT    NOT NULL PRIMARY KEY,
    payment_id TEXT    NOT NULL,
    movement   TEXT    NOT NULL CHECK (movement IN ('authorize', 'capture', 'void', 'refund')),
    currency   TEXT    NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    booked_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX provider_statement_by_payment ON provider_statement (payment_id);
