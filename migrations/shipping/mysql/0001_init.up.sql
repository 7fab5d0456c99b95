-- Times are microseconds since 1970 in UTC; 0: it has not happened.

CREATE TABLE IF NOT EXISTS shipments (
    id                  VARCHAR(64)  NOT NULL PRIMARY KEY,
    order_id            VARCHAR(64)  NOT NULL UNIQUE,
    customer_id         VARCHAR(128) NOT NULL,
    status              VARCHAR(32)  NOT NULL CHECK (status IN ('pending', 'handing_over', 'dispatched', 'delivered', 'cancelled')),
    keep_back           BOOLEAN      NOT NULL CHECK (keep_back IN (false, true)),
    forget              BOOLEAN      NOT NULL CHECK (forget IN (false, true)),
    tracking_number     VARCHAR(255) NOT NULL,
    address_name        VARCHAR(255) NOT NULL,
    address_line1       VARCHAR(255) NOT NULL,
    address_line2       VARCHAR(255) NOT NULL,
    address_city        VARCHAR(255) NOT NULL,
    address_postal_code VARCHAR(255) NOT NULL,
    address_country     VARCHAR(255) NOT NULL,
    created_at          BIGINT       NOT NULL,
    dispatched_at       BIGINT       NOT NULL,
    delivered_at        BIGINT       NOT NULL,
    cancelled_at        BIGINT       NOT NULL,
    CHECK ((status IN ('dispatched', 'delivered')) = (dispatched_at > 0)),
    CHECK ((status = 'delivered') = (delivered_at > 0)),
    CHECK ((status = 'cancelled') = (cancelled_at > 0)),
    CHECK ((tracking_number <> '') = (dispatched_at > 0)),
    CHECK (NOT keep_back OR status = 'handing_over'),
    KEY shipments_by_customer (customer_id, id),
    KEY shipments_by_status (status, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE IF NOT EXISTS shipment_lines (
    shipment_id VARCHAR(64) NOT NULL,
    line_id     VARCHAR(64) NOT NULL,
    sku         VARCHAR(32) NOT NULL,
    quantity    BIGINT      NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (shipment_id, line_id),
    FOREIGN KEY (shipment_id) REFERENCES shipments (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Customers whose account is closed: what still goes to them is forgotten when it has arrived.
CREATE TABLE IF NOT EXISTS forgotten_recipients (
    customer_id  VARCHAR(128) NOT NULL PRIMARY KEY,
    forgotten_at BIGINT       NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
