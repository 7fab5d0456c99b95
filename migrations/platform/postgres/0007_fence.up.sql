-- Whether the module may be opened here while it moves, and after it has moved away: see platform/database. It may
-- where there is no row.
CREATE TABLE fence (
    move   text COLLATE "C" NOT NULL PRIMARY KEY, -- its id
    state  text COLLATE "C" NOT NULL CHECK (state IN ('standby', 'released')),
    place  text COLLATE "C" NOT NULL, -- the other one: where the rows come from, or have gone
    set_at bigint           NOT NULL
);
