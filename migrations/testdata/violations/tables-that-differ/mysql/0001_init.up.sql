CREATE TABLE IF NOT EXISTS shelves (
    id VARCHAR(64) NOT NULL PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS books (
    id       VARCHAR(64) NOT NULL,
    shelf    VARCHAR(64) NOT NULL,
    title    VARCHAR(99) NOT NULL CHECK (length(title) <= 100),
    subtitle VARCHAR(99) COLLATE utf8mb4_general_ci NOT NULL,
    pages    BIGINT      NOT NULL,
    weight   BIGINT      NOT NULL,
    lent     BOOLEAN     NOT NULL,
    torn     BOOLEAN     NOT NULL CHECK (torn IN (false, true)),
    copies   BIGINT      NOT NULL DEFAULT 0,
    bought   BIGINT      NULL,
    isbn     VARCHAR(20),
    PRIMARY KEY (id, shelf),
    KEY books_by_title (title, subtitle(20)),
    UNIQUE KEY books_by_weight (weight),
    CHECK (pages < 10000 AND weight > 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
