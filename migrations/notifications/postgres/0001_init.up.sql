-- How to address customers. Of a closed account nothing personal is left.
CREATE TABLE address_book (
    account_id text COLLATE "C" NOT NULL PRIMARY KEY,
    email      text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    closed_at  bigint,
    CHECK ((closed_at IS NULL AND email <> '') OR (closed_at IS NOT NULL AND email = '' AND name = ''))
);

-- What customers were told. Each event is told once.
CREATE TABLE notices (
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    event       text COLLATE "C" NOT NULL UNIQUE,
    kind        text COLLATE "C" NOT NULL,
    customer_id text COLLATE "C" NOT NULL,
    order_id    text COLLATE "C" NOT NULL,
    subject     text COLLATE "C" NOT NULL,
    body        text COLLATE "C" NOT NULL,
    delivery    text COLLATE "C" NOT NULL CHECK (delivery IN ('kept', 'waiting', 'queued', 'sent')),
    created_at  bigint           NOT NULL,
    read_at     bigint,
    sent_at     bigint,
    CHECK ((delivery = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notices_by_customer ON notices (customer_id, id);
CREATE INDEX notices_by_order ON notices (order_id, id);
