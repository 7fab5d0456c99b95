-- Times are microseconds since 1970 in UTC, amounts are minor units of the row's currency.

-- What the provider knows of a merchant's payment.
CREATE TABLE IF NOT EXISTS provider_accounts (
    payment_id     VARCHAR(64)  NOT NULL PRIMARY KEY,
    card           VARCHAR(255) NOT NULL,
    status         VARCHAR(32)  NOT NULL CHECK (status IN ('deciding', 'held', 'declined', 'voided', 'captured')),
    currency       VARCHAR(3)   NOT NULL,
    amount         BIGINT       NOT NULL CHECK (amount >= 0),
    refunded       BIGINT       NOT NULL,
    refund_refused BOOLEAN      NOT NULL CHECK (refund_refused IN (false, true)),
    decides_at     BIGINT       NOT NULL, -- 0: never
    CHECK (refunded BETWEEN 0 AND amount)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What was asked and answered. The same call with the same key is answered the same.
CREATE TABLE IF NOT EXISTS provider_requests (
    request_call VARCHAR(32)  NOT NULL CHECK (request_call IN ('authorize', 'capture', 'void', 'refund')),
    request_key  VARCHAR(255) NOT NULL,
    payment_id   VARCHAR(64)  NOT NULL,
    currency     VARCHAR(3)   NOT NULL,
    amount       BIGINT       NOT NULL CHECK (amount > 0),
    outcome      VARCHAR(32)  NOT NULL CHECK (outcome IN ('pending', 'accepted', 'refused')),
    reason       TEXT         NOT NULL,
    reference    VARCHAR(255) NOT NULL UNIQUE,
    asked_at     BIGINT       NOT NULL,
    PRIMARY KEY (request_call, request_key),
    KEY provider_requests_payment_id (payment_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The statement: what was really moved. Rows are only added.
CREATE TABLE IF NOT EXISTS provider_statement (
    reference  VARCHAR(255) NOT NULL PRIMARY KEY,
    payment_id VARCHAR(64)  NOT NULL,
    movement   VARCHAR(32)  NOT NULL CHECK (movement IN ('authorize', 'capture', 'void', 'refund')),
    currency   VARCHAR(3)   NOT NULL,
    amount     BIGINT       NOT NULL CHECK (amount > 0),
    booked_at  BIGINT       NOT NULL,
    KEY provider_statement_by_payment (payment_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
