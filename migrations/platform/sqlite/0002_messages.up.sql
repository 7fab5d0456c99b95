-- What a module tells others: see platform/outbox.

-- Every event, kept for days after it was told, for those who come to listen later.
CREATE TABLE outbox_events (
    id           TEXT    NOT NULL PRIMARY KEY,
    name         TEXT    NOT NULL,
    event_key    TEXT    NOT NULL,
    position     INTEGER NOT NULL CHECK (position > 0), -- among the events of this key
    payload      TEXT    NOT NULL,
    metadata     TEXT    NOT NULL,
    destinations TEXT    NOT NULL, -- a JSON array: whom it was ever addressed to
    occurred_at  INTEGER NOT NULL
) STRICT;

CREATE INDEX outbox_events_age ON outbox_events (occurred_at);

-- The last number given out per key and destination. Destination '' counts the key's events themselves.
CREATE TABLE outbox_lanes (
    event_key TEXT    NOT NULL,
    dest      TEXT    NOT NULL,
    last_n    INTEGER NOT NULL CHECK (last_n > 0),
    PRIMARY KEY (event_key, dest)
) STRICT, WITHOUT ROWID;

-- What is still to be delivered: a set, from which a row goes when its destination has it.
-- No foreign key to the event: finding a row's children would cost an index on the busiest table.
CREATE TABLE outbox_deliveries (
    dest      TEXT    NOT NULL,
    event_id  TEXT    NOT NULL,
    event_key TEXT    NOT NULL,
    n         INTEGER NOT NULL CHECK (n > 0),
    PRIMARY KEY (dest, event_id),
    UNIQUE (dest, event_key, n)
) STRICT, WITHOUT ROWID;

-- What a module has heard: see platform/inbox.

-- The last number handled per source and key, and how many messages of that lane are kept below.
CREATE TABLE inbox_lanes (
    source    TEXT    NOT NULL,
    event_key TEXT    NOT NULL,
    last_n    INTEGER NOT NULL CHECK (last_n >= 0),
    kept      INTEGER NOT NULL DEFAULT 0 CHECK (kept >= 0),
    PRIMARY KEY (source, event_key)
) STRICT, WITHOUT ROWID;

-- Messages that wait for their predecessor, are tried again, or were given up and wait for an operator.
CREATE TABLE inbox_messages (
    source      TEXT    NOT NULL,
    event_key   TEXT    NOT NULL,
    n           INTEGER NOT NULL CHECK (n > 0),
    event_id    TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    payload     BLOB    NOT NULL,
    metadata    TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'retrying', 'parked')),
    attempts    INTEGER NOT NULL CHECK (attempts >= 0),
    last_error  TEXT    NOT NULL,
    received_at INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    PRIMARY KEY (source, event_key, n),
    FOREIGN KEY (source, event_key) REFERENCES inbox_lanes (source, event_key)
) STRICT;

CREATE INDEX inbox_messages_due ON inbox_messages (state, due_at);
CREATE INDEX inbox_messages_event ON inbox_messages (event_id);
