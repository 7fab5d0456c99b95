-- What a module tells others: see platform/outbox.

-- Every event, kept for days after it was told, for those who come to listen later.
CREATE TABLE outbox_events (
    id           text COLLATE "C" NOT NULL PRIMARY KEY,
    name         text COLLATE "C" NOT NULL,
    event_key    text COLLATE "C" NOT NULL,
    position     bigint           NOT NULL CHECK (position > 0), -- among the events of this key
    payload      text COLLATE "C" NOT NULL,
    metadata     text COLLATE "C" NOT NULL,
    destinations text COLLATE "C" NOT NULL, -- a JSON array: whom it was ever addressed to
    occurred_at  bigint           NOT NULL
);

CREATE INDEX outbox_events_age ON outbox_events (occurred_at);

-- The last number given out per key and destination. Destination '' counts the key's events themselves.
CREATE TABLE outbox_lanes (
    event_key text COLLATE "C" NOT NULL,
    dest      text COLLATE "C" NOT NULL,
    last_n    bigint           NOT NULL CHECK (last_n > 0),
    PRIMARY KEY (event_key, dest)
);

-- What is still to be delivered: a set, from which a row goes when its destination has it.
-- No foreign key to the event: finding a row's children would cost an index on the busiest table.
CREATE TABLE outbox_deliveries (
    dest      text COLLATE "C" NOT NULL,
    event_id  text COLLATE "C" NOT NULL,
    event_key text COLLATE "C" NOT NULL,
    n         bigint           NOT NULL CHECK (n > 0),
    PRIMARY KEY (dest, event_id),
    UNIQUE (dest, event_key, n)
);

-- What a module has heard: see platform/inbox.

-- The last number handled per source and key, and how many messages of that lane are kept below.
CREATE TABLE inbox_lanes (
    source    text COLLATE "C" NOT NULL,
    event_key text COLLATE "C" NOT NULL,
    last_n    bigint           NOT NULL CHECK (last_n >= 0),
    kept      bigint           NOT NULL DEFAULT 0 CHECK (kept >= 0),
    PRIMARY KEY (source, event_key)
);

-- Messages that wait for their predecessor, are tried again, or were given up and wait for an operator.
CREATE TABLE inbox_messages (
    source      text COLLATE "C" NOT NULL,
    event_key   text COLLATE "C" NOT NULL,
    n           bigint           NOT NULL CHECK (n > 0),
    event_id    text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    payload     bytea            NOT NULL,
    metadata    text COLLATE "C" NOT NULL,
    state       text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'retrying', 'parked')),
    attempts    bigint           NOT NULL CHECK (attempts >= 0),
    last_error  text COLLATE "C" NOT NULL,
    received_at bigint           NOT NULL,
    due_at      bigint           NOT NULL,
    PRIMARY KEY (source, event_key, n),
    FOREIGN KEY (source, event_key) REFERENCES inbox_lanes (source, event_key)
);

CREATE INDEX inbox_messages_due ON inbox_messages (state, due_at);
CREATE INDEX inbox_messages_event ON inbox_messages (event_id);
