-- Times are microseconds since 1970 in UTC, amounts are minor units of the order's currency.
-- The primary keys cluster what is read together; ids are UUIDv7, so rows are appended.

CREATE TABLE orders (
    id                     text COLLATE "C" NOT NULL PRIMARY KEY,
    customer_id            text COLLATE "C" NOT NULL,
    reference              text COLLATE "C",
    content                text COLLATE "C" NOT NULL,
    status                 text COLLATE "C" NOT NULL CHECK (status IN
                               ('placed', 'reserved', 'confirmed', 'paid', 'dispatched', 'delivered', 'cancelled')),
    cancel_reason          text COLLATE "C" NOT NULL CHECK (cancel_reason IN
                               ('', 'out_of_stock', 'payment_declined', 'payment_failed', 'customer', 'timed_out')),
    cancellation_requested boolean          NOT NULL,
    payment_token          text COLLATE "C" NOT NULL,
    address_name           text COLLATE "C" NOT NULL,
    address_line1          text COLLATE "C" NOT NULL,
    address_line2          text COLLATE "C" NOT NULL,
    address_city           text COLLATE "C" NOT NULL,
    address_postal_code    text COLLATE "C" NOT NULL,
    address_country        text COLLATE "C" NOT NULL,
    customer_gone          boolean          NOT NULL,
    line_count             bigint           NOT NULL CHECK (line_count > 0),
    last_entry             bigint           NOT NULL CHECK (last_entry > 0),
    currency               text COLLATE "C" NOT NULL CHECK (length(currency) = 3),
    goods                  bigint           NOT NULL CHECK (goods >= 0),
    fees                   bigint           NOT NULL CHECK (fees >= 0),
    discounts              bigint           NOT NULL CHECK (discounts >= 0),
    total                  bigint           NOT NULL CHECK (total >= 0),
    refunded               bigint           NOT NULL,
    placed_at              bigint           NOT NULL,
    deadline_at            bigint           NOT NULL,
    stock_settled          boolean          NOT NULL,
    money_settled          boolean          NOT NULL,
    refund_failed          boolean          NOT NULL,
    CHECK (total = goods + fees - discounts),
    CHECK (refunded BETWEEN 0 AND total),
    CHECK ((status = 'cancelled') = (cancel_reason <> '')),
    CHECK (status = 'cancelled' OR (NOT stock_settled AND NOT money_settled AND NOT refund_failed))
);

CREATE INDEX orders_by_customer ON orders (customer_id, id);
CREATE UNIQUE INDEX orders_by_reference ON orders (reference);

CREATE TABLE order_lines (
    order_id   text COLLATE "C" NOT NULL REFERENCES orders (id),
    line_id    text COLLATE "C" NOT NULL,
    sku        text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    quantity   bigint           NOT NULL CHECK (quantity > 0),
    unit_price bigint           NOT NULL CHECK (unit_price >= 0),
    total      bigint           NOT NULL,
    PRIMARY KEY (order_id, line_id),
    CHECK (total = quantity * unit_price)
);

CREATE TABLE adjustments (
    order_id    text COLLATE "C" NOT NULL REFERENCES orders (id),
    number      bigint           NOT NULL,
    kind        text COLLATE "C" NOT NULL CHECK (kind IN ('fee', 'discount')),
    code        text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    amount      bigint           NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (order_id, number)
);

CREATE TABLE history (
    order_id text COLLATE "C" NOT NULL REFERENCES orders (id),
    number   bigint           NOT NULL,
    status   text COLLATE "C" NOT NULL,
    noted_at bigint           NOT NULL,
    note     text COLLATE "C" NOT NULL,
    PRIMARY KEY (order_id, number)
);

CREATE TABLE returns (
    id         text COLLATE "C" NOT NULL PRIMARY KEY,
    order_id   text COLLATE "C" NOT NULL REFERENCES orders (id),
    status     text COLLATE "C" NOT NULL CHECK (status IN ('requested', 'accepted', 'rejected', 'refunded', 'refund_failed')),
    reason     text COLLATE "C" NOT NULL,
    note       text COLLATE "C" NOT NULL,
    currency   text COLLATE "C" NOT NULL,
    amount     bigint           NOT NULL CHECK (amount >= 0),
    created_at bigint           NOT NULL,
    decided_at bigint
);

CREATE INDEX returns_by_order ON returns (order_id, id);
CREATE INDEX returns_by_status ON returns (status, id);

CREATE TABLE return_lines (
    return_id text COLLATE "C" NOT NULL REFERENCES returns (id),
    line_id   text COLLATE "C" NOT NULL,
    sku       text COLLATE "C" NOT NULL,
    quantity  bigint           NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (return_id, line_id)
);
