-- Things to be done outside a transaction: see platform/tasks.
CREATE TABLE tasks (
    id         TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    task_key   TEXT    NOT NULL,
    payload    TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('waiting', 'parked')),
    failures   INTEGER NOT NULL CHECK (failures >= 0),
    last_error TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    due_at     INTEGER NOT NULL,
    parked_at  INTEGER NOT NULL, -- 0 while it is not
    UNIQUE (kind, task_key)
) STRICT;

CREATE INDEX tasks_next ON tasks (state, due_at, id);

-- Requests that were answered, and their answers: see platform/idempotency.
CREATE TABLE idempotency_keys (
    scope      TEXT    NOT NULL PRIMARY KEY, -- hash of caller, route and key
    fingerprint TEXT   NOT NULL,             -- hash of path, query and body
    status     INTEGER NOT NULL CHECK (status BETWEEN 200 AND 299),
    location   TEXT    NOT NULL,
    answer     BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Who did what to whose things: see platform/audit. Rows are only added.
CREATE TABLE audit_log (
    id         TEXT    NOT NULL PRIMARY KEY,
    actor      TEXT    NOT NULL,
    roles      TEXT    NOT NULL,
    action     TEXT    NOT NULL,
    object     TEXT    NOT NULL,
    owner      TEXT    NOT NULL,
    request    TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE INDEX audit_log_owner ON audit_log (owner, created_at);
