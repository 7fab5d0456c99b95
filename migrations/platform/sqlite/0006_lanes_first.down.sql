CREATE TABLE outbox_deliveries_new (
    dest      TEXT    NOT NULL,
    event_id  TEXT    NOT NULL,
    event_key TEXT    NOT NULL,
    n         INTEGER NOT NULL CHECK (n > 0),
    owner     TEXT    NOT NULL DEFAULT '',
    PRIMARY KEY (dest, event_id),
    UNIQUE (dest, event_key, n)
) STRICT, WITHOUT ROWID;
INSERT INTO outbox_deliveries_new (dest, event_id, event_key, n, owner)
SELECT dest, event_id, event_key, n, owner FROM outbox_deliveries;
DROP TABLE outbox_deliveries;
ALTER TABLE outbox_deliveries_new RENAME TO outbox_deliveries;
