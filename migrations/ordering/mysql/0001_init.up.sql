-- Times are microseconds since 1970 in UTC, amounts are minor units of the order's currency.
-- The primary keys cluster what is read together; ids are UUIDv7, so rows are appended.

CREATE TABLE IF NOT EXISTS orders (
    id                     VARCHAR(64)    NOT NULL PRIMARY KEY,
    customer_id            VARCHAR(128)   NOT NULL,
    reference              VARBINARY(400), -- bytes: as text, one that ends in a space would be the same as one that does not
    content                VARCHAR(255)   NOT NULL,
    status                 VARCHAR(32)    NOT NULL CHECK (status IN
                               ('placed', 'reserved', 'confirmed', 'paid', 'dispatched', 'delivered', 'cancelled')),
    cancel_reason          VARCHAR(32)    NOT NULL CHECK (cancel_reason IN
                               ('', 'out_of_stock', 'payment_declined', 'payment_failed', 'customer', 'timed_out')),
    cancellation_requested BOOLEAN        NOT NULL CHECK (cancellation_requested IN (false, true)),
    payment_token          VARCHAR(255)   NOT NULL,
    address_name           VARCHAR(255)   NOT NULL,
    address_line1          VARCHAR(255)   NOT NULL,
    address_line2          VARCHAR(255)   NOT NULL,
    address_city           VARCHAR(255)   NOT NULL,
    address_postal_code    VARCHAR(255)   NOT NULL,
    address_country        VARCHAR(255)   NOT NULL,
    customer_gone          BOOLEAN        NOT NULL CHECK (customer_gone IN (false, true)),
    line_count             BIGINT         NOT NULL CHECK (line_count > 0),
    last_entry             BIGINT         NOT NULL CHECK (last_entry > 0),
    currency               VARCHAR(3)     NOT NULL CHECK (char_length(currency) = 3),
    goods                  BIGINT         NOT NULL CHECK (goods >= 0),
    fees                   BIGINT         NOT NULL CHECK (fees >= 0),
    discounts              BIGINT         NOT NULL CHECK (discounts >= 0),
    total                  BIGINT         NOT NULL CHECK (total >= 0),
    refunded               BIGINT         NOT NULL,
    placed_at              BIGINT         NOT NULL,
    deadline_at            BIGINT         NOT NULL,
    stock_settled          BOOLEAN        NOT NULL CHECK (stock_settled IN (false, true)),
    money_settled          BOOLEAN        NOT NULL CHECK (money_settled IN (false, true)),
    refund_failed          BOOLEAN        NOT NULL CHECK (refund_failed IN (false, true)),
    CHECK (total = goods + fees - discounts),
    CHECK (refunded BETWEEN 0 AND total),
    CHECK ((status = 'cancelled') = (cancel_reason <> '')),
    CHECK (status = 'cancelled' OR (NOT stock_settled AND NOT money_settled AND NOT refund_failed)),
    KEY orders_by_customer (customer_id, id),
    KEY orders_unsettled (stock_settled, money_settled, cancel_reason),
    UNIQUE KEY orders_by_reference (reference)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS order_lines (
    order_id   VARCHAR(64)  NOT NULL,
    line_id    VARCHAR(64)  NOT NULL,
    sku        VARCHAR(32)  NOT NULL,
    name       VARCHAR(255) NOT NULL,
    quantity   BIGINT       NOT NULL CHECK (quantity > 0),
    unit_price BIGINT       NOT NULL CHECK (unit_price >= 0),
    total      BIGINT       NOT NULL,
    PRIMARY KEY (order_id, line_id),
    CHECK (total = quantity * unit_price),
    FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS adjustments (
    order_id    VARCHAR(64)  NOT NULL,
    number      BIGINT       NOT NULL,
    kind        VARCHAR(64)  NOT NULL CHECK (kind IN ('fee', 'discount')),
    code        VARCHAR(255) NOT NULL,
    description TEXT         NOT NULL,
    amount      BIGINT       NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (order_id, number),
    FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS history (
    order_id VARCHAR(64) NOT NULL,
    number   BIGINT      NOT NULL,
    status   VARCHAR(32) NOT NULL,
    noted_at BIGINT      NOT NULL,
    note     TEXT        NOT NULL,
    PRIMARY KEY (order_id, number),
    FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS returns (
    id         VARCHAR(64) NOT NULL PRIMARY KEY,
    order_id   VARCHAR(64) NOT NULL,
    status     VARCHAR(32) NOT NULL CHECK (status IN ('requested', 'accepted', 'rejected', 'refunded', 'refund_failed')),
    reason     TEXT        NOT NULL,
    note       TEXT        NOT NULL,
    currency   VARCHAR(3)  NOT NULL,
    amount     BIGINT      NOT NULL CHECK (amount >= 0),
    created_at BIGINT      NOT NULL,
    decided_at BIGINT,
    KEY returns_by_order (order_id, id),
    KEY returns_by_status (status, id),
    FOREIGN KEY (order_id) REFERENCES orders (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS return_lines (
    return_id VARCHAR(64) NOT NULL,
    line_id   VARCHAR(64) NOT NULL,
    sku       VARCHAR(32) NOT NULL,
    quantity  BIGINT      NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (return_id, line_id),
    FOREIGN KEY (return_id) REFERENCES returns (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
