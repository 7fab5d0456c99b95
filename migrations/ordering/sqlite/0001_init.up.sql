-- Times are microseconds since 1970 in UTC, amounts are minor units of the order's currency.
-- The primary keys cluster what is read together; ids are UUIDv7, so rows are appended.

CREATE TABLE orders (
    id                     TEXT    NOT NULL PRIMARY KEY,
    customer_id            TEXT    NOT NULL,
    reference              TEXT,
    content                TEXT    NOT NULL,
    status                 TEXT    NOT NULL CHECK (status IN
                               ('placed', 'reserved', 'confirmed', 'paid', 'dispatched', 'delivered', 'cancelled')),
    cancel_reason          TEXT    NOT NULL CHECK (cancel_reason IN
                               ('', 'out_of_stock', 'payment_declined', 'payment_failed', 'customer', 'timed_out')),
    cancellation_requested INTEGER NOT NULL CHECK (cancellation_requested IN (false, true)),
    payment_token          TEXT    NOT NULL,
    address_name           TEXT    NOT NULL,
    address_line1          TEXT    NOT NULL,
    address_line2          TEXT    NOT NULL,
    address_city           TEXT    NOT NULL,
    address_postal_code    TEXT    NOT NULL,
    address_country        TEXT    NOT NULL,
    customer_gone          INTEGER NOT NULL CHECK (customer_gone IN (false, true)),
    line_count             INTEGER NOT NULL CHECK (line_count > 0),
    last_entry             INTEGER NOT NULL CHECK (last_entry > 0),
    currency               TEXT    NOT NULL CHECK (length(currency) = 3),
    goods                  INTEGER NOT NULL CHECK (goods >= 0),
    fees                   INTEGER NOT NULL CHECK (fees >= 0),
    discounts              INTEGER NOT NULL CHECK (discounts >= 0),
    total                  INTEGER NOT NULL CHECK (total >= 0),
    refunded               INTEGER NOT NULL,
    placed_at              INTEGER NOT NULL,
    deadline_at            INTEGER NOT NULL,
    stock_settled          INTEGER NOT NULL CHECK (stock_settled IN (false, true)),
    money_settled          INTEGER NOT NULL CHECK (money_settled IN (false, true)),
    refund_failed          INTEGER NOT NULL CHECK (refund_failed IN (false, true)),
    CHECK (total = goods + fees - discounts),
    CHECK (refunded BETWEEN 0 AND total),
    CHECK ((status = 'cancelled') = (cancel_reason <> '')),
    CHECK (status = 'cancelled' OR (NOT stock_settled AND NOT money_settled AND NOT refund_failed))
) STRICT, WITHOUT ROWID;

CREATE INDEX orders_by_customer ON orders (customer_id, id);
CREATE UNIQUE INDEX orders_by_reference ON orders (reference);

CREATE TABLE order_lines (
    order_id   TEXT    NOT NULL REFERENCES orders (id),
    line_id    TEXT    NOT NULL,
    sku        TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    quantity   INTEGER NOT NULL CHECK (quantity > 0),
    unit_price INTEGER NOT NULL CHECK (unit_price >= 0),
    total      INTEGER NOT NULL,
    PRIMARY KEY (order_id, line_id),
    CHECK (total = quantity * unit_price)
) STRICT, WITHOUT ROWID;

CREATE TABLE adjustments (
    order_id    TEXT    NOT NULL REFERENCES orders (id),
    number      INTEGER NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('fee', 'discount')),
    code        TEXT    NOT NULL,
    description TEXT    NOT NULL,
    amount      INTEGER NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (order_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    order_id TEXT    NOT NULL REFERENCES orders (id),
    number   INTEGER NOT NULL,
    status   TEXT    NOT NULL,
    noted_at INTEGER NOT NULL,
    note     TEXT    NOT NULL,
    PRIMARY KEY (order_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE returns (
    id         TEXT    NOT NULL PRIMARY KEY,
    order_id   TEXT    NOT NULL REFERENCES orders (id),
    status     TEXT    NOT NULL CHECK (status IN ('requested', 'accepted', 'rejected', 'refunded', 'refund_failed')),
    reason     TEXT    NOT NULL,
    note       TEXT    NOT NULL,
    currency   TEXT    NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount >= 0),
    created_at INTEGER NOT NULL,
    decided_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX returns_by_order ON returns (order_id, id);
CREATE INDEX returns_by_status ON returns (status, id);

CREATE TABLE return_lines (
    return_id TEXT    NOT NULL REFERENCES returns (id),
    line_id   TEXT    NOT NULL,
    sku       TEXT    NOT NULL,
    quantity  INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (return_id, line_id)
) STRICT, WITHOUT ROWID;
