-- Times are microseconds since 1970 in UTC; 0: it has not happened.

CREATE TABLE carrier_parcels (
    shipment_id     TEXT    NOT NULL PRIMARY KEY, -- the sender's key: the same again is the same parcel
    tracking_number TEXT    NOT NULL UNIQUE,
    country         TEXT    NOT NULL,
    taken_at        INTEGER NOT NULL CHECK (taken_at > 0),
    delivered_at    INTEGER NOT NULL,
    CHECK (delivered_at = 0 OR delivered_at >= taken_at)
) STRICT, WITHOUT ROWID;
