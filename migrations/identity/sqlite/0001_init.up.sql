-- Who may sign in. A closed account is a pseudonym: its id, and nothing personal.
CREATE TABLE accounts (
    id                  TEXT    NOT NULL PRIMARY KEY,
    email               TEXT    UNIQUE,
    name                TEXT    NOT NULL,
    password_hash       TEXT    NOT NULL,
    is_staff            INTEGER NOT NULL CHECK (is_staff IN (false, true)),
    is_operator         INTEGER NOT NULL CHECK (is_operator IN (false, true)),
    registered_at       INTEGER NOT NULL,
    registered_again_at INTEGER,
    closed_at           INTEGER,
    CHECK ((closed_at IS NULL AND email IS NOT NULL AND email <> '')
        OR (closed_at IS NOT NULL AND email IS NULL AND name = '' AND password_hash = '' AND NOT is_staff))
) STRICT;

-- One family per sign-in, with the hash of its one live refresh token.
CREATE TABLE refresh_families (
    id         TEXT    NOT NULL PRIMARY KEY,
    account_id TEXT    NOT NULL REFERENCES accounts (id),
    scope      TEXT    NOT NULL,
    chain_key  BLOB    NOT NULL,
    live_hash  TEXT    NOT NULL UNIQUE,
    opened_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;
CREATE INDEX refresh_families_by_account ON refresh_families (account_id);
CREATE INDEX refresh_families_by_expiry ON refresh_families (expires_at);

-- Refresh tokens that were used. One that turns up again ends its family.
CREATE TABLE spent_tokens (
    hash      TEXT    NOT NULL PRIMARY KEY,
    family_id TEXT    NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
    spent_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX spent_tokens_by_family ON spent_tokens (family_id);

-- Wrong passwords of the last hour. Accounts and addresses are hashes.
CREATE TABLE password_tries (
    id          TEXT    NOT NULL PRIMARY KEY,
    account_key TEXT    NOT NULL,
    network_key TEXT    NOT NULL,
    tried_at    INTEGER NOT NULL
) STRICT;
CREATE INDEX password_tries_by_account ON password_tries (account_key, tried_at);
CREATE INDEX password_tries_by_network ON password_tries (network_key, tried_at);
CREATE INDEX password_tries_by_time ON password_tries (tried_at);

-- Keys that access tokens are signed with. No two begin at the same time.
CREATE TABLE signing_keys (
    id          TEXT    NOT NULL PRIMARY KEY,
    private_key BLOB    NOT NULL CHECK (length(private_key) = 64),
    signs_from  INTEGER NOT NULL UNIQUE,
    signs_until INTEGER NOT NULL,
    CHECK (signs_until > signs_from)
) STRICT;
