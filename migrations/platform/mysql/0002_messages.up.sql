-- What a module tells others: see platform/outbox.

-- Every event, kept for days after it was told, for those who come to listen later.
CREATE TABLE IF NOT EXISTS outbox_events (
    id           VARCHAR(64)  NOT NULL PRIMARY KEY,
    name         VARCHAR(255) NOT NULL,
    event_key    VARCHAR(255) NOT NULL,
    position     BIGINT       NOT NULL CHECK (position > 0), -- among the events of this key
    payload      LONGTEXT     NOT NULL,
    metadata     LONGTEXT     NOT NULL,
    destinations LONGTEXT     NOT NULL, -- a JSON array: whom it was ever addressed to
    occurred_at  BIGINT       NOT NULL,
    KEY outbox_events_age (occurred_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- The last number given out per key and destination. Destination '' counts the key's events themselves.
CREATE TABLE IF NOT EXISTS outbox_lanes (
    event_key VARCHAR(255) NOT NULL,
    dest      VARCHAR(64)  NOT NULL,
    last_n    BIGINT       NOT NULL CHECK (last_n > 0),
    PRIMARY KEY (event_key, dest)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What is still to be delivered: a set, from which a row goes when its destination has it.
-- No foreign key to the event: finding a row's children would cost an index on the busiest table.
CREATE TABLE IF NOT EXISTS outbox_deliveries (
    dest      VARCHAR(64)  NOT NULL,
    event_id  VARCHAR(64)  NOT NULL,
    event_key VARCHAR(255) NOT NULL,
    n         BIGINT       NOT NULL CHECK (n > 0),
    owner     VARCHAR(255) NOT NULL DEFAULT '',
    PRIMARY KEY (dest, event_id),
    UNIQUE (event_key, dest, n)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- What a module has heard: see platform/inbox.

-- The last number handled per source and key, and how many messages of that lane are kept below.
CREATE TABLE IF NOT EXISTS inbox_lanes (
    source    VARCHAR(64)  NOT NULL,
    event_key VARCHAR(255) NOT NULL,
    last_n    BIGINT       NOT NULL CHECK (last_n >= 0),
    kept      BIGINT       NOT NULL DEFAULT 0 CHECK (kept >= 0),
    PRIMARY KEY (source, event_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Messages that wait for their predecessor, are tried again, or were given up and wait for an operator.
CREATE TABLE IF NOT EXISTS inbox_messages (
    source      VARCHAR(64)  NOT NULL,
    event_key   VARCHAR(255) NOT NULL,
    n           BIGINT       NOT NULL CHECK (n > 0),
    event_id    VARCHAR(255) NOT NULL,
    name        VARCHAR(255) NOT NULL,
    payload     LONGBLOB     NOT NULL,
    metadata    LONGTEXT     NOT NULL,
    state       VARCHAR(32)  NOT NULL CHECK (state IN ('waiting', 'retrying', 'parked')),
    attempts    BIGINT       NOT NULL CHECK (attempts >= 0),
    last_error  LONGTEXT     NOT NULL,
    received_at BIGINT       NOT NULL,
    due_at      BIGINT       NOT NULL,
    owner       VARCHAR(255) NOT NULL DEFAULT '',
    PRIMARY KEY (source, event_key, n),
    KEY inbox_messages_due (state, owner, due_at),
    KEY inbox_messages_event (event_id),
    FOREIGN KEY (source, event_key) REFERENCES inbox_lanes (source, event_key)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
