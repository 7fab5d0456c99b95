-- What there is of each product. It is always true that
--     on_hand + reserved + sold (net of returns) = receipts + adjustments
-- where the last three are summed from the tables below.
CREATE TABLE levels (
    sku           TEXT    NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 32),
    on_hand       INTEGER NOT NULL CHECK (on_hand >= 0),  -- in the house and free to be bought
    reserved      INTEGER NOT NULL CHECK (reserved >= 0), -- in the house and set aside for orders
    pending_since INTEGER NOT NULL                        -- when it first changed without being announced; 0: it is announced
) STRICT;

CREATE INDEX levels_pending ON levels (pending_since);

-- What staff booked.
CREATE TABLE bookings (
    sku       TEXT    NOT NULL REFERENCES levels (sku),
    kind      TEXT    NOT NULL CHECK (kind IN ('receipt', 'adjustment')),
    reference TEXT    NOT NULL CHECK (length(reference) BETWEEN 1 AND 100),
    quantity  INTEGER NOT NULL CHECK (quantity <> 0),
    reason    TEXT    NOT NULL CHECK (length(reason) <= 500),
    booked_by TEXT    NOT NULL,
    booked_at INTEGER NOT NULL,
    PRIMARY KEY (sku, kind, reference),
    CHECK (kind = 'adjustment' OR quantity > 0)
) STRICT;

-- What is held for each order. An order that was cancelled before it was heard of has a row without lines.
CREATE TABLE reservations (
    order_id   TEXT    NOT NULL PRIMARY KEY CHECK (length(order_id) BETWEEN 1 AND 64),
    state      TEXT    NOT NULL CHECK (state IN ('reserved', 'rejected', 'sold', 'released', 'restocked')),
    changed_at INTEGER NOT NULL
) STRICT;

CREATE TABLE reservation_lines (
    order_id TEXT    NOT NULL REFERENCES reservations (order_id),
    sku      TEXT    NOT NULL REFERENCES levels (sku),
    quantity INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku)
) STRICT;

-- What came back of each order.
CREATE TABLE returned_pieces (
    return_id TEXT    NOT NULL CHECK (length(return_id) BETWEEN 1 AND 64),
    order_id  TEXT    NOT NULL,
    sku       TEXT    NOT NULL,
    quantity  INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (return_id, sku),
    FOREIGN KEY (order_id, sku) REFERENCES reservation_lines (order_id, sku)
) STRICT;

CREATE INDEX returned_pieces_by_order ON returned_pieces (order_id, sku);
