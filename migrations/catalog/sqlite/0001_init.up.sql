CREATE TABLE products (
    sku            TEXT    NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 32),
    name           TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description    TEXT    NOT NULL CHECK (length(description) <= 4000),
    category       TEXT    NOT NULL CHECK (length(category) <= 60),
    price_amount   INTEGER NOT NULL CHECK (price_amount >= 0),
    price_currency TEXT    NOT NULL CHECK (length(price_currency) = 3),
    withdrawn      INTEGER NOT NULL CHECK (withdrawn IN (false, true)),
    sort_name      TEXT    NOT NULL, -- the beginning of the name in lower case: lists are ordered by it
    search_text    TEXT    NOT NULL, -- everything that is searched, in lower case
    version        INTEGER NOT NULL CHECK (version > 0),
    listed_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX products_by_name ON products (withdrawn, sort_name, sku);
CREATE INDEX products_by_price ON products (withdrawn, price_amount, sku);
CREATE INDEX products_by_age ON products (withdrawn, listed_at, sku);
CREATE INDEX products_by_category ON products (withdrawn, category, sort_name, sku);

-- What inventory last said of a product. It may speak of a product before it is listed here.
CREATE TABLE availability (
    sku       TEXT    NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 32),
    available INTEGER NOT NULL CHECK (available >= 0)
) STRICT;
