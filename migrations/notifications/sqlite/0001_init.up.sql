-- How to address customers. Of a closed account nothing personal is left.
CREATE TABLE address_book (
    account_id TEXT    NOT NULL PRIMARY KEY,
    email      TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    closed_at  INTEGER,
    CHECK ((closed_at IS NULL AND email <> '') OR (closed_at IS NOT NULL AND email = '' AND name = ''))
) STRICT;

-- What customers were told. Each event is told once.
CREATE TABLE notices (
    id          TEXT    NOT NULL PRIMARY KEY,
    event       TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL,
    customer_id TEXT    NOT NULL,
    order_id    TEXT    NOT NULL,
    subject     TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    delivery    TEXT    NOT NULL CHECK (delivery IN ('kept', 'waiting', 'queued', 'sent')),
    created_at  INTEGER NOT NULL,
    read_at     INTEGER,
    sent_at     INTEGER,
    CHECK ((delivery = 'sent') = (sent_at IS NOT NULL))
) STRICT;
CREATE INDEX notices_by_customer ON notices (customer_id, id);
CREATE INDEX notices_by_order ON notices (order_id, id);
