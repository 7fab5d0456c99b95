-- Who may sign in. A closed account is a pseudonym: its id, and nothing personal.
CREATE TABLE IF NOT EXISTS accounts (
    id                  VARCHAR(128) NOT NULL PRIMARY KEY,
    email               VARCHAR(254) UNIQUE,
    name                VARCHAR(200) NOT NULL,
    password_hash       VARCHAR(255) NOT NULL,
    is_staff            BOOLEAN      NOT NULL CHECK (is_staff IN (false, true)),
    is_operator         BOOLEAN      NOT NULL CHECK (is_operator IN (false, true)),
    registered_at       BIGINT       NOT NULL,
    registered_again_at BIGINT,
    closed_at           BIGINT,
    CHECK ((closed_at IS NULL AND email IS NOT NULL AND email <> '')
        OR (closed_at IS NOT NULL AND email IS NULL AND name = '' AND password_hash = '' AND NOT is_staff))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- One family per sign-in, with the hash of its one live refresh token.
CREATE TABLE IF NOT EXISTS refresh_families (
    id         VARCHAR(64)  NOT NULL PRIMARY KEY,
    account_id VARCHAR(128) NOT NULL,
    scope      VARCHAR(255) NOT NULL,
    chain_key  LONGBLOB     NOT NULL,
    live_hash  VARCHAR(64)  NOT NULL UNIQUE,
    opened_at  BIGINT       NOT NULL,
    expires_at BIGINT       NOT NULL,
    revoked_at BIGINT,
    KEY refresh_families_by_account (account_id),
    KEY refresh_families_by_expiry (expires_at),
    FOREIGN KEY (account_id) REFERENCES accounts (id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Refresh tokens that were used. One that turns up again ends its family.
CREATE TABLE IF NOT EXISTS spent_tokens (
    hash      VARCHAR(64) NOT NULL PRIMARY KEY,
    family_id VARCHAR(64) NOT NULL,
    spent_at  BIGINT      NOT NULL,
    KEY spent_tokens_by_family (family_id),
    FOREIGN KEY (family_id) REFERENCES refresh_families (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Wrong passwords of the last hour. Accounts and addresses are hashes.
CREATE TABLE IF NOT EXISTS password_tries (
    id          VARCHAR(64) NOT NULL PRIMARY KEY,
    account_key VARCHAR(64) NOT NULL,
    network_key VARCHAR(64) NOT NULL,
    tried_at    BIGINT      NOT NULL,
    KEY password_tries_by_account (account_key, tried_at),
    KEY password_tries_by_network (network_key, tried_at),
    KEY password_tries_by_time (tried_at)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

-- Keys that access tokens are signed with. No two begin at the same time.
CREATE TABLE IF NOT EXISTS signing_keys (
    id          VARCHAR(128) NOT NULL PRIMARY KEY,
    private_key LONGBLOB     NOT NULL CHECK (length(private_key) = 64),
    signs_from  BIGINT       NOT NULL UNIQUE,
    signs_until BIGINT       NOT NULL,
    CHECK (signs_until > signs_from)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
