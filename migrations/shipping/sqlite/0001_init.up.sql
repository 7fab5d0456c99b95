-- Times are microseconds since 1970 in UTC; 0: it has not happened.

CREATE TABLE shipments (
    id                  TEXT    NOT NULL PRIMARY KEY,
    order_id            TEXT    NOT NULL UNIQUE,
    customer_id         TEXT    NOT NULL,
    status              TEXT    NOT NULL CHECK (status IN ('pending', 'handing_over', 'dispatched', 'delivered', 'cancelled')),
    keep_back           INTEGER NOT NULL CHECK (keep_back IN (false, true)),
    forget              INTEGER NOT NULL CHECK (forget IN (false, true)),
    tracking_number     TEXT    NOT NULL,
    address_name        TEXT    NOT NULL,
    address_line1       TEXT    NOT NULL,
    address_line2       TEXT    NOT NULL,
    address_city        TEXT    NOT NULL,
    address_postal_code TEXT    NOT NULL,
    address_country     TEXT    NOT NULL,
    created_at          INTEGER NOT NULL,
    dispatched_at       INTEGER NOT NULL,
    delivered_at        INTEGER NOT NULL,
    cancelled_at        INTEGER NOT NULL,
    CHECK ((status IN ('dispatched', 'delivered')) = (dispatched_at > 0)),
    CHECK ((status = 'delivered') = (delivered_at > 0)),
    CHECK ((status = 'cancelled') = (cancelled_at > 0)),
    CHECK ((tracking_number <> '') = (dispatched_at > 0)),
    CHECK (NOT keep_back OR status = 'handing_over')
) STRICT, WITHOUT ROWID;

CREATE INDEX shipments_by_customer ON shipments (customer_id, id);
CREATE INDEX shipments_by_status ON shipments (status, id);

CREATE TABLE shipment_lines (
    shipment_id TEXT    NOT NULL REFERENCES shipments (id),
    line_id     TEXT    NOT NULL,
    sku         TEXT    NOT NULL,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (shipment_id, line_id)
) STRICT, WITHOUT ROWID;

-- Customers whose account is closed: what still goes to them is forgotten when it has arrived.
CREATE TABLE forgotten_recipients (
    customer_id  TEXT    NOT NULL PRIMARY KEY,
    forgotten_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
