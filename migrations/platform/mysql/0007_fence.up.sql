-- Whether the module may be opened here while it moves, and after it has moved away: see platform/database. It may
-- where there is no row.
CREATE TABLE IF NOT EXISTS fence (
    move   VARCHAR(64) NOT NULL PRIMARY KEY, -- its id
    state  VARCHAR(32) NOT NULL CHECK (state IN ('standby', 'released')),
    place  LONGTEXT    NOT NULL, -- the other one: where the rows come from, or have gone
    set_at BIGINT      NOT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
