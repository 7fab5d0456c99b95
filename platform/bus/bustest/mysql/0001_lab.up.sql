CREATE TABLE IF NOT EXISTS versions (
    event_key VARCHAR(64) NOT NULL PRIMARY KEY,
    version   INTEGER     NOT NULL
);

CREATE TABLE IF NOT EXISTS effects (
    id        BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    event_key VARCHAR(64) NOT NULL,
    version   INTEGER     NOT NULL,
    note      TEXT        NOT NULL
);
