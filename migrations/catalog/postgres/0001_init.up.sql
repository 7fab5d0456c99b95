CREATE TABLE products (
    sku            text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 32),
    name           text COLLATE "C" NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    description    text COLLATE "C" NOT NULL CHECK (length(description) <= 4000),
    category       text COLLATE "C" NOT NULL CHECK (length(category) <= 60),
    price_amount   bigint           NOT NULL CHECK (price_amount >= 0),
    price_currency text COLLATE "C" NOT NULL CHECK (length(price_currency) = 3),
    withdrawn      boolean          NOT NULL,
    sort_name      text COLLATE "C" NOT NULL, -- the beginning of the name in lower case: lists are ordered by it
    search_text    text COLLATE "C" NOT NULL, -- everything that is searched, in lower case
    version        bigint           NOT NULL CHECK (version > 0),
    listed_at      bigint           NOT NULL
);

CREATE INDEX products_by_name ON products (withdrawn, sort_name, sku);
CREATE INDEX products_by_price ON products (withdrawn, price_amount, sku);
CREATE INDEX products_by_age ON products (withdrawn, listed_at, sku);
CREATE INDEX products_by_category ON products (withdrawn, category, sort_name, sku);

-- What inventory last said of a product. It may speak of a product before it is listed here.
CREATE TABLE availability (
    sku       text COLLATE "C" NOT NULL PRIMARY KEY CHECK (length(sku) BETWEEN 1 AND 32),
    available bigint           NOT NULL CHECK (available >= 0)
);
