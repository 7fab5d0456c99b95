-- What there is of each product. It is always true that
--     on_hand + reserved + sold (net of returns) = receipts + adjustments
-- where the last three are summed from the tables below.
CREATE TABLE IF NOT EXISTS levels (
    sku           VARCHAR(32) NOT NULL PRIMARY KEY CHECK (char_length(sku) BETWEEN 1 AND 32),
    on_hand       BIGINT      NOT NULL CHECK (on_hand >= 0),  -- in the house and free to be bought
    reserved      BIGINT      NOT NULL CHECK (reserved >= 0), -- in the house and set aside for orders
    pending_since BIGINT      NOT NULL,                       -- when it first changed without being announced; 0: it is announced
    KEY levels_pending (pending_since)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What staff booked.
CREATE TABLE IF NOT EXISTS bookings (
    sku       VARCHAR(32)  NOT NULL,
    kind      VARCHAR(64)  NOT NULL CHECK (kind IN ('receipt', 'adjustment')),
    reference VARCHAR(100) NOT NULL CHECK (char_length(reference) BETWEEN 1 AND 100),
    quantity  BIGINT       NOT NULL CHECK (quantity <> 0),
    reason    TEXT         NOT NULL CHECK (char_length(reason) <= 500),
    booked_by VARCHAR(128) NOT NULL,
    booked_at BIGINT       NOT NULL,
    PRIMARY KEY (sku, kind, reference),
    CHECK (kind = 'adjustment' OR quantity > 0),
    FOREIGN KEY (sku) REFERENCES levels (sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What is held for each order. An order that was cancelled before it was heard of has a row without lines.
CREATE TABLE IF NOT EXISTS reservations (
    order_id   VARCHAR(64) NOT NULL PRIMARY KEY CHECK (char_length(order_id) BETWEEN 1 AND 64),
    state      VARCHAR(32) NOT NULL CHECK (state IN ('reserved', 'rejected', 'sold', 'released', 'restocked')),
    changed_at BIGINT      NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS reservation_lines (
    order_id VARCHAR(64) NOT NULL,
    sku      VARCHAR(32) NOT NULL,
    quantity BIGINT      NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (order_id, sku),
    KEY reservation_lines_by_sku (sku), -- InnoDB would make it for the foreign key
    FOREIGN KEY (order_id) REFERENCES reservations (order_id),
    FOREIGN KEY (sku) REFERENCES levels (sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What came back of each order.
CREATE TABLE IF NOT EXISTS returned_pieces (
    return_id VARCHAR(64) NOT NULL CHECK (char_length(return_id) BETWEEN 1 AND 64),
    order_id  VARCHAR(64) NOT NULL,
    sku       VARCHAR(32) NOT NULL,
    quantity  BIGINT      NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (return_id, sku),
    KEY returned_pieces_by_order (order_id, sku),
    FOREIGN KEY (order_id, sku) REFERENCES reservation_lines (order_id, sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
