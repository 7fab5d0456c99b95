CREATE TABLE IF NOT EXISTS shelves (
    id    VARCHAR(64) NOT NULL PRIMARY KEY,
    width BIGINT      NOT NULL CHECK (width > 0 AND width < depth),
    depth BIGINT      NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS books (
    id    VARCHAR(64) NOT NULL PRIMARY KEY,
    shelf VARCHAR(64) NOT NULL REFERENCES shelves (id),
    KEY books_by_shelf (shelf)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
