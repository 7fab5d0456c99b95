-- Names that one unit of work at a time may hold: see platform/guard. Each takes its rows away again, so
-- that nobody ever sees one.
CREATE TABLE IF NOT EXISTS guards (
    name VARCHAR(255) NOT NULL PRIMARY KEY
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
