-- Things to be done outside a transaction: see platform/tasks.
CREATE TABLE IF NOT EXISTS tasks (
    id         VARCHAR(64)  NOT NULL PRIMARY KEY,
    kind       VARCHAR(64)  NOT NULL,
    task_key   VARCHAR(255) NOT NULL,
    payload    LONGTEXT     NOT NULL,
    state      VARCHAR(32)  NOT NULL CHECK (state IN ('waiting', 'parked')),
    failures   BIGINT       NOT NULL CHECK (failures >= 0),
    last_error LONGTEXT     NOT NULL,
    created_at BIGINT       NOT NULL,
    due_at     BIGINT       NOT NULL,
    parked_at  BIGINT       NOT NULL, -- 0 while it is not
    owner      VARCHAR(255) NOT NULL DEFAULT '',
    UNIQUE (kind, task_key),
    KEY tasks_next (state, owner, due_at, id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Requests that were answered, and their answers: see platform/idempotency.
CREATE TABLE IF NOT EXISTS idempotency_keys (
    scope       VARCHAR(255) NOT NULL PRIMARY KEY, -- hash of caller, route and key
    fingerprint VARCHAR(255) NOT NULL,             -- hash of path, query and body
    status      BIGINT       NOT NULL CHECK (status BETWEEN 200 AND 299),
    location    TEXT         NOT NULL,
    answer      LONGBLOB     NOT NULL,
    created_at  BIGINT       NOT NULL,
    KEY idempotency_keys_age (created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Who did what to whose things: see platform/audit. Rows are only added.
CREATE TABLE IF NOT EXISTS audit_log (
    id         VARCHAR(64)  NOT NULL PRIMARY KEY,
    actor      VARCHAR(128) NOT NULL,
    roles      VARCHAR(255) NOT NULL,
    action     VARCHAR(255) NOT NULL,
    object     VARCHAR(255) NOT NULL,
    owner      VARCHAR(128) NOT NULL,
    request    VARCHAR(255) NOT NULL,
    created_at BIGINT       NOT NULL,
    KEY audit_log_owner (owner, created_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
