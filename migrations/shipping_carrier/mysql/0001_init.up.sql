-- Times are microseconds since 1970 in UTC; 0: it has not happened.

CREATE TABLE IF NOT EXISTS carrier_parcels (
    shipment_id     VARCHAR(64)  NOT NULL PRIMARY KEY, -- the sender's key: the same again is the same parcel
    tracking_number VARCHAR(255) NOT NULL UNIQUE,
    country         VARCHAR(255) NOT NULL,
    taken_at        BIGINT       NOT NULL CHECK (taken_at > 0),
    delivered_at    BIGINT       NOT NULL,
    CHECK (delivered_at = 0 OR delivered_at >= taken_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
