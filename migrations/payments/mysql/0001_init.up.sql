-- Times are microseconds since 1970 in UTC, amounts are minor units of the row's currency.

CREATE TABLE IF NOT EXISTS payments (
    id          VARCHAR(64)  NOT NULL PRIMARY KEY,
    order_id    VARCHAR(64)  NOT NULL UNIQUE,
    customer_id VARCHAR(128) NOT NULL,
    status      VARCHAR(32)  NOT NULL CHECK (status IN
                    ('authorizing', 'authorized', 'declined', 'capturing', 'captured', 'capture_failed',
                     'partially_refunded', 'refunded', 'voiding', 'voided')),
    currency    VARCHAR(3)   NOT NULL CHECK (char_length(currency) = 3),
    amount      BIGINT       NOT NULL CHECK (amount >= 0),
    captured    BIGINT       NOT NULL,
    refunded    BIGINT       NOT NULL,
    card_token  VARCHAR(255) NOT NULL,
    held        BOOLEAN      NOT NULL CHECK (held IN (false, true)),
    cancelled   BOOLEAN      NOT NULL CHECK (cancelled IN (false, true)),
    answered    BOOLEAN      NOT NULL CHECK (answered IN (false, true)),
    voids       BIGINT       NOT NULL CHECK (voids >= 0),
    opened_at   BIGINT       NOT NULL,
    changed_at  BIGINT       NOT NULL,
    CHECK (captured IN (0, amount)),
    CHECK (refunded BETWEEN 0 AND captured),
    CHECK (card_token = '' OR status = 'authorizing'),
    CHECK (captured = 0 OR status IN ('captured', 'partially_refunded', 'refunded')),
    CHECK (NOT held OR status IN ('authorized', 'capturing', 'capture_failed', 'voiding')),
    CHECK (NOT answered OR cancelled),
    KEY payments_by_customer (customer_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS refunds (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    payment_id VARCHAR(64) NOT NULL,
    return_id  VARCHAR(64) NOT NULL, -- empty: for the whole order
    amount     BIGINT      NOT NULL CHECK (amount >= 0),
    status     VARCHAR(32) NOT NULL CHECK (status IN ('requested', 'refunded', 'refund_failed')),
    attempt    BIGINT      NOT NULL CHECK (attempt >= 0),
    reason     TEXT        NOT NULL,
    created_at BIGINT      NOT NULL,
    UNIQUE (payment_id, return_id),
    CHECK (attempt > 0 OR status = 'refund_failed'),
    FOREIGN KEY (payment_id) REFERENCES payments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The provider's first answer to each request, by its own reference.
CREATE TABLE IF NOT EXISTS provider_answers (
    reference    VARCHAR(255) NOT NULL PRIMARY KEY,
    payment_id   VARCHAR(64)  NOT NULL,
    request_call VARCHAR(32)  NOT NULL CHECK (request_call IN ('authorize', 'capture', 'void', 'refund')),
    request_key  VARCHAR(255) NOT NULL,
    accepted     BOOLEAN      NOT NULL CHECK (accepted IN (false, true)),
    currency     VARCHAR(3)   NOT NULL,
    amount       BIGINT       NOT NULL CHECK (amount > 0),
    reason       TEXT         NOT NULL,
    heard_at     BIGINT       NOT NULL,
    UNIQUE (request_call, request_key),
    KEY provider_answers_by_payment (payment_id),
    FOREIGN KEY (payment_id) REFERENCES payments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What cannot be right and changed nothing. Somebody has to look at it.
CREATE TABLE IF NOT EXISTS payment_alarms (
    order_id  VARCHAR(64)  NOT NULL,
    message   VARCHAR(700) NOT NULL,
    raised_at BIGINT       NOT NULL,
    PRIMARY KEY (order_id, message)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The books: rows are only added, and the postings of a transaction sum to zero in each currency.
CREATE TABLE IF NOT EXISTS ledger_transactions (
    kind       VARCHAR(64)  NOT NULL CHECK (kind IN ('held', 'released', 'captured', 'refund_owed', 'refund_paid')),
    reference  VARCHAR(255) NOT NULL, -- the payment or refund that it is about
    payment_id VARCHAR(64)  NOT NULL,
    posted_at  BIGINT       NOT NULL,
    PRIMARY KEY (kind, reference),
    KEY ledger_transactions_by_payment (payment_id),
    FOREIGN KEY (payment_id) REFERENCES payments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS ledger_postings (
    kind      VARCHAR(64)  NOT NULL,
    reference VARCHAR(255) NOT NULL,
    number    BIGINT       NOT NULL,
    account   VARCHAR(32)  NOT NULL CHECK (account IN
                  ('holds', 'held_for_us', 'clearing', 'sales', 'refunds', 'customers')),
    currency  VARCHAR(3)   NOT NULL CHECK (char_length(currency) = 3),
    amount    BIGINT       NOT NULL CHECK (amount <> 0), -- debits are positive, credits negative
    PRIMARY KEY (kind, reference, number),
    FOREIGN KEY (kind, reference) REFERENCES ledger_transactions (kind, reference)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
