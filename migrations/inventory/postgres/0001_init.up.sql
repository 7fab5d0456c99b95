-- What there is of each product. It is always true that
--     on_hand + reserved + sold (net of returns) = receipts + adjustments
-- where the last three are summed from the tables below.
CREATE TABLE levels (
    sku           text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 32),
    on_hand       bigint           NOT NULL CHECK (on_hand >= 0),  -- in the house and free to be bought
    reserved      bigint           NOT NULL CHECK (reserved >= 0), -- in the house and set aside for orders
    pending_since bigint           NOT NULL                        -- when it first changed without being announced; 0: it is announced
);

CREATE INDEX levels_pending ON levels (pending_since);

-- What staff booked.
CREATE TABLE bookings (
    sku       text COLLATE "C" NOT NULL REFERENCES levels (sku),
    kind      text COLLATE "C" NOT NULL CHECK (kind IN ('receipt', 'adjustment')),
    reference text COLLATE "C" NOT NULL CHECK (length(reference) BETWEEN 1 AND 100),
    quantity  bigint           NOT NULL CHECK (quantity <> 0),
    reason    text COLLATE "C" NOT NULL CHECK (length(reason) <= 500),
    booked_by text COLLATE "C" NOT NULL,
    booked_at bigint           NOT NULL,
    PRIMARY KEY (sku, kind, reference),
    CHECK (kind = 'adjustment' OR quantity > 0)
);

-- What is held for each order. An order that was cancelled before it was heard of has a row without lines.
CREATE TABLE reservations (
    order_id   text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(order_id) BETWEEN 1 AND 64),
    state      text COLLATE "C" NOT NULL CHECK (state IN ('reserved', 'rejected', 'sold', 'released', 'restocked')),
    changed_at bigint           NOT NULL
);

CREATE TABLE reservation_lines (
    order_id text COLLATE "C" NOT NULL REFERENCES reservations (order_id),
    sku      text COLLATE "C" NOT NULL REFERENCES levels (sku),
    quantity bigint           NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
);

-- What came back of each order.
CREATE TABLE returned_pieces (
    return_id text COLLATE "C" NOT NULL CHECK (length(return_id) BETWEEN 1 AND 64),
    order_id  text COLLATE "C" NOT NULL,
    sku       text COLLATE "C" NOT NULL,
    quantity  bigint           NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (return_id, sku),
    FOREIGN KEY (order_id, sku) REFERENCES reservation_lines (order_id, sku)
);

CREATE INDEX returned_pieces_by_order ON returned_pieces (order_id, sku);
