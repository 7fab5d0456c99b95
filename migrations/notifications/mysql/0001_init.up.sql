-- How to address customers. Of a closed account nothing personal is left.
CREATE TABLE IF NOT EXISTS address_book (
    account_id VARCHAR(128) NOT NULL PRIMARY KEY,
    email      VARCHAR(254) NOT NULL,
    name       VARCHAR(200) NOT NULL,
    closed_at  BIGINT,
    CHECK ((closed_at IS NULL AND email <> '') OR (closed_at IS NOT NULL AND email = '' AND name = ''))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What customers were told. Each event is told once.
CREATE TABLE IF NOT EXISTS notices (
    id          VARCHAR(64)  NOT NULL PRIMARY KEY,
    event       VARCHAR(255) NOT NULL UNIQUE,
    kind        VARCHAR(64)  NOT NULL,
    customer_id VARCHAR(128) NOT NULL,
    order_id    VARCHAR(64)  NOT NULL,
    subject     TEXT         NOT NULL,
    body        LONGTEXT     NOT NULL,
    delivery    VARCHAR(32)  NOT NULL CHECK (delivery IN ('kept', 'waiting', 'queued', 'sent')),
    created_at  BIGINT       NOT NULL,
    read_at     BIGINT,
    sent_at     BIGINT,
    CHECK ((delivery = 'sent') = (sent_at IS NOT NULL)),
    KEY notices_by_customer (customer_id, id),
    KEY notices_by_order (order_id, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
