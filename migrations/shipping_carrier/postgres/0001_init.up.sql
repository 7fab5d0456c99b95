-- Times are microseconds since 1970 in UTC; 0: it has not happened.

CREATE TABLE carrier_parcels (
    shipment_id     text COLLATE "C" NOT NULL PRIMARY KEY, -- the sender's key: the same again is the same parcel
    tracking_number text COLLATE "C" NOT NULL UNIQUE,
    country         text COLLATE "C" NOT NULL,
    taken_at        bigint           NOT NULL CHECK (taken_at > 0),
    delivered_at    bigint           NOT NULL,
    CHECK (delivered_at = 0 OR delivered_at >= taken_at)
);
