CREATE TABLE payments (id TEXT PRIMARY KEY, order_id TEXT REFERENCES orders (id)) STRICT;
