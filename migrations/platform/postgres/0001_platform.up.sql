-- Things to be done outside a transaction: see platform/tasks.
CREATE TABLE tasks (
    id         text COLLATE "C" NOT NULL PRIMARY KEY,
    kind       text COLLATE "C" NOT NULL,
    task_key   text COLLATE "C" NOT NULL,
    payload    text COLLATE "C" NOT NULL,
    state      text COLLATE "C" NOT NULL CHECK (state IN ('waiting', 'parked')),
    failures   bigint           NOT NULL CHECK (failures >= 0),
    last_error text COLLATE "C" NOT NULL,
    created_at bigint           NOT NULL,
    due_at     bigint           NOT NULL,
    parked_at  bigint           NOT NULL, -- 0 while it is not
    UNIQUE (kind, task_key)
);

CREATE INDEX tasks_next ON tasks (state, due_at, id);

-- Requests that were answered, and their answers: see platform/idempotency.
CREATE TABLE idempotency_keys (
    scope       text COLLATE "C" NOT NULL PRIMARY KEY, -- hash of caller, route and key
    fingerprint text COLLATE "C" NOT NULL,             -- hash of path, query and body
    status      bigint           NOT NULL CHECK (status BETWEEN 200 AND 299),
    location    text COLLATE "C" NOT NULL,
    answer      bytea            NOT NULL,
    created_at  bigint           NOT NULL
);

CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

-- Who did what to whose things: see platform/audit. Rows are only added.
CREATE TABLE audit_log (
    id         text COLLATE "C" NOT NULL PRIMARY KEY,
    actor      text COLLATE "C" NOT NULL,
    roles      text COLLATE "C" NOT NULL,
    action     text COLLATE "C" NOT NULL,
    object     text COLLATE "C" NOT NULL,
    owner      text COLLATE "C" NOT NULL,
    request    text COLLATE "C" NOT NULL,
    created_at bigint           NOT NULL
);

CREATE INDEX audit_log_owner ON audit_log (owner, created_at);
