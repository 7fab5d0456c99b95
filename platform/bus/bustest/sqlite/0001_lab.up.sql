CREATE TABLE versions (
    event_key TEXT    NOT NULL PRIMARY KEY,
    version   INTEGER NOT NULL
) STRICT;

CREATE TABLE effects (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    event_key TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    note      TEXT    NOT NULL
) STRICT;
