-- Who may sign in. A closed account is a pseudonym: its id, and nothing personal.
CREATE TABLE accounts (
    id                  text COLLATE "C" NOT NULL PRIMARY KEY,
    email               text COLLATE "C" UNIQUE,
    name                text COLLATE "C" NOT NULL,
    password_hash       text COLLATE "C" NOT NULL,
    is_staff            boolean          NOT NULL,
    is_operator         boolean          NOT NULL,
    registered_at       bigint           NOT NULL,
    registered_again_at bigint,
    closed_at           bigint,
    CHECK ((closed_at IS NULL AND email IS NOT NULL AND email <> '')
        OR (closed_at IS NOT NULL AND email IS NULL AND name = '' AND password_hash = '' AND NOT is_staff))
);

-- One family per sign-in, with the hash of its one live refresh token.
CREATE TABLE refresh_families (
    id         text COLLATE "C" NOT NULL PRIMARY KEY,
    account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
    scope      text COLLATE "C" NOT NULL,
    chain_key  bytea            NOT NULL,
    live_hash  text COLLATE "C" NOT NULL UNIQUE,
    opened_at  bigint           NOT NULL,
    expires_at bigint           NOT NULL,
    revoked_at bigint
);
CREATE INDEX refresh_families_by_account ON refresh_families (account_id);
CREATE INDEX refresh_families_by_expiry ON refresh_families (expires_at);

-- Refresh tokens that were used. One that turns up again ends its family.
CREATE TABLE spent_tokens (
    hash      text COLLATE "C" NOT NULL PRIMARY KEY,
    family_id text COLLATE "C" NOT NULL REFERENCES refresh_families (id) ON DELETE CASCADE,
    spent_at  bigint           NOT NULL
);
CREATE INDEX spent_tokens_by_family ON spent_tokens (family_id);

-- Wrong passwords of the last hour. Accounts and addresses are hashes.
CREATE TABLE password_tries (
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    account_key text COLLATE "C" NOT NULL,
    network_key text COLLATE "C" NOT NULL,
    tried_at    bigint           NOT NULL
);
CREATE INDEX password_tries_by_account ON password_tries (account_key, tried_at);
CREATE INDEX password_tries_by_network ON password_tries (network_key, tried_at);
CREATE INDEX password_tries_by_time ON password_tries (tried_at);

-- Keys that access tokens are signed with. No two begin at the same time.
CREATE TABLE signing_keys (
    id          text COLLATE "C" NOT NULL PRIMARY KEY,
    private_key bytea            NOT NULL CHECK (length(private_key) = 64),
    signs_from  bigint           NOT NULL UNIQUE,
    signs_until bigint           NOT NULL,
    CHECK (signs_until > signs_from)
);
