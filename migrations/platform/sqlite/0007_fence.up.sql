-- Whether the module may be opened here while it moves, and after it has moved away: see platform/database. It may
-- where there is no row.
CREATE TABLE fence (
    move   TEXT    NOT NULL PRIMARY KEY, -- its id
    state  TEXT    NOT NULL CHECK (state IN ('standby', 'released')),
    place  TEXT    NOT NULL, -- the other one: where the rows come from, or have gone
    set_at INTEGER NOT NULL
) STRICT;
