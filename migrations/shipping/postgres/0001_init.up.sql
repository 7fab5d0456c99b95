-- Times are microseconds since 1970 in UTC; 0: it has not happened.

CREATE TABLE shipments (
    id                  text COLLATE "C" NOT NULL PRIMARY KEY,
    order_id            text COLLATE "C" NOT NULL UNIQUE,
    customer_id         text COLLATE "C" NOT NULL,
    status              text COLLATE "C" NOT NULL CHECK (status IN ('pending', 'handing_over', 'dispatched', 'delivered', 'cancelled')),
    keep_back           boolean          NOT NULL,
    forget              boolean          NOT NULL,
    tracking_number     text COLLATE "C" NOT NULL,
    address_name        text COLLATE "C" NOT NULL,
    address_line1       text COLLATE "C" NOT NULL,
    address_line2       text COLLATE "C" NOT NULL,
    address_city        text COLLATE "C" NOT NULL,
    address_postal_code text COLLATE "C" NOT NULL,
    address_country     text COLLATE "C" NOT NULL,
    created_at          bigint           NOT NULL,
    dispatched_at       bigint           NOT NULL,
    delivered_at        bigint           NOT NULL,
    cancelled_at        bigint           NOT NULL,
    CHECK ((status IN ('dispatched', 'delivered')) = (dispatched_at > 0)),
    CHECK ((status = 'delivered') = (delivered_at > 0)),
    CHECK ((status = 'cancelled') = (cancelled_at > 0)),
    CHECK ((tracking_number <> '') = (dispatched_at > 0)),
    CHECK (NOT keep_back OR status = 'handing_over')
);

CREATE INDEX shipments_by_customer ON shipments (customer_id, id);
CREATE INDEX shipments_by_status ON shipments (status, id);

CREATE TABLE shipment_lines (
    shipment_id text COLLATE "C" NOT NULL REFERENCES shipments (id),
    line_id     text COLLATE "C" NOT NULL,
    sku         text COLLATE "C" NOT NULL,
    quantity    bigint           NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (shipment_id, line_id)
);

-- Customers whose account is closed: what still goes to them is forgotten when it has arrived.
CREATE TABLE forgotten_recipients (
    customer_id  text COLLATE "C" NOT NULL PRIMARY KEY,
    forgotten_at bigint           NOT NULL
);
