CREATE TABLE IF NOT EXISTS products (
    sku            VARCHAR(32)    NOT NULL PRIMARY KEY CHECK (char_length(sku) BETWEEN 1 AND 32),
    name           VARCHAR(200)   NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    description    TEXT           NOT NULL CHECK (char_length(description) <= 4000),
    category       VARCHAR(60)    NOT NULL CHECK (char_length(category) <= 60),
    price_amount   BIGINT         NOT NULL CHECK (price_amount >= 0),
    price_currency VARCHAR(3)     NOT NULL CHECK (char_length(price_currency) = 3),
    withdrawn      BOOLEAN        NOT NULL CHECK (withdrawn IN (false, true)),
    sort_name      VARBINARY(240) NOT NULL, -- the beginning of the name in lower case: lists are ordered by it, byte by byte
    search_text    TEXT           NOT NULL, -- everything that is searched, in lower case
    version        BIGINT         NOT NULL CHECK (version > 0),
    listed_at      BIGINT         NOT NULL,
    KEY products_by_name (withdrawn, sort_name, sku),
    KEY products_by_price (withdrawn, price_amount, sku),
    KEY products_by_age (withdrawn, listed_at, sku),
    KEY products_by_category (withdrawn, category, sort_name, sku)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What inventory last said of a product. It may speak of a product before it is listed here.
CREATE TABLE IF NOT EXISTS availability (
    sku       VARCHAR(32) NOT NULL PRIMARY KEY CHECK (char_length(sku) BETWEEN 1 AND 32),
    available BIGINT      NOT NULL CHECK (available >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
