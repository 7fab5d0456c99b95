-- Names that one unit of work at a time may hold: see platform/guard. Each takes its rows away again, so
-- that nobody ever sees one.
CREATE TABLE guards (
    name text COLLATE "C" NOT NULL PRIMARY KEY
);
