-- Times are microseconds since 1970 in UTC, amounts are minor units of the row's currency.

CREATE TABLE payments (
    id          TEXT    NOT NULL PRIMARY KEY,
    order_id    TEXT    NOT NULL UNIQUE,
    customer_id TEXT    NOT NULL,
    status      TEXT    NOT NULL CHECK (status IN
                    ('authorizing', 'authorized', 'declined', 'capturing', 'captured', 'capture_failed',
                     'partially_refunded', 'refunded', 'voiding', 'voided')),
    currency    TEXT    NOT NULL CHECK (length(currency) = 3),
    amount      INTEGER NOT NULL CHECK (amount >= 0),
    captured    INTEGER NOT NULL,
    refunded    INTEGER NOT NULL,
    card_token  TEXT    NOT NULL,
    held        INTEGER NOT NULL CHECK (held IN (false, true)),
    cancelled   INTEGER NOT NULL CHECK (cancelled IN (false, true)),
    answered    INTEGER NOT NULL CHECK (answered IN (false, true)),
    voids       INTEGER NOT NULL CHECK (voids >= 0),
    opened_at   INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    CHECK (captured IN (0, amount)),
    CHECK (refunded BETWEEN 0 AND captured),
    CHECK (card_token = '' OR status = 'authorizing'),
    CHECK (captured = 0 OR status IN ('captured', 'partially_refunded', 'refunded')),
    CHECK (NOT held OR status IN ('authorized', 'capturing', 'capture_failed', 'voiding')),
    CHECK (NOT answered OR cancelled)
) STRICT, WITHOUT ROWID;

CREATE INDEX payments_by_customer ON payments (customer_id, id);

CREATE TABLE refunds (
    id         TEXT    NOT NULL PRIMARY KEY,
    payment_id TEXT    NOT NULL REFERENCES payments (id),
    return_id  TEXT    NOT NULL, -- empty: for the whole order
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    status     TEXT    NOT NULL CHECK (status IN ('requested', 'refunded', 'refund_failed')),
    attempt    INTEGER NOT NULL CHECK (attempt >= 0),
    reason     TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (payment_id, return_id),
    CHECK (attempt > 0 OR status = 'refund_failed')
) STRICT, WITHOUT ROWID;

-- The provider's first answer to each request, by its own reference.
CREATE TABLE provider_answers (
    reference    TEXT    NOT NULL PRIMARY KEY,
    payment_id   TEXT    NOT NULL REFERENCES payments (id),
    request_call TEXT    NOT NULL CHECK (request_call IN ('authorize', 'capture', 'void', 'refund')),
    request_key  TEXT    NOT NULL,
    accepted     INTEGER NOT NULL CHECK (accepted IN (false, true)),
    currency     TEXT    NOT NULL,
    amount       INTEGER NOT NULL CHECK (amount > 0),
    reason       TEXT    NOT NULL,
    heard_at     INTEGER NOT NULL,
    UNIQUE (request_call, request_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX provider_answers_by_payment ON provider_answers (payment_id);

-- What cannot be right and changed nothing. Somebody has to look at it.
CREATE TABLE payment_alarms (
    order_id  TEXT    NOT NULL,
    message   TEXT    NOT NULL,
    raised_at INTEGER NOT NULL,
    PRIMARY KEY (order_id, message)
) STRICT, WITHOUT ROWID;

-- The books: rows are only added, and the postings of a transaction sum to zero in each currency.
CREATE TABLE ledger_transactions (
    kind       TEXT    NOT NULL CHECK (kind IN ('held', 'released', 'captured', 'refund_owed', 'refund_paid')),
    reference  TEXT    NOT NULL, -- the payment or refund that it is about
    payment_id TEXT    NOT NULL REFERENCES payments (id),
    posted_at  INTEGER NOT NULL,
    PRIMARY KEY (kind, reference)
) STRICT, WITHOUT ROWID;

CREATE INDEX ledger_transactions_by_payment ON ledger_transactions (payment_id);

CREATE TABLE ledger_postings (
    kind      TEXT    NOT NULL,
    reference TEXT    NOT NULL,
    number    INTEGER NOT NULL,
    account   TEXT    NOT NULL CHECK (account IN
                  ('holds', 'held_for_us', 'clearing', 'sales', 'refunds', 'customers')),
    currency  TEXT    NOT NULL CHECK (length(currency) = 3),
    amount    INTEGER NOT NULL CHECK (amount <> 0), -- debits are positive, credits negative
    PRIMARY KEY (kind, reference, number),
    FOREIGN KEY (kind, reference) REFERENCES ledger_transactions (kind, reference)
) STRICT, WITHOUT ROWID;
