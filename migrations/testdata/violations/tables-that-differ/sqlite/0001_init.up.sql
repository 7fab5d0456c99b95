CREATE TABLE shelves (
    id TEXT NOT NULL PRIMARY KEY
) STRICT;

CREATE TABLE books (
    id       TEXT    NOT NULL,
    shelf    TEXT    NOT NULL REFERENCES shelves (id),
    title    TEXT    NOT NULL CHECK (length(title) <= 100),
    subtitle TEXT    NOT NULL,
    pages    INTEGER NOT NULL CHECK (pages > 0),
    weight   INTEGER NOT NULL,
    lent     INTEGER NOT NULL CHECK (lent IN (false, true)),
    torn     INTEGER NOT NULL CHECK (torn IN (false, true)),
    copies   INTEGER NOT NULL DEFAULT 0,
    bought   INTEGER,
    isbn     TEXT    UNIQUE,
    PRIMARY KEY (id, shelf),
    CHECK (pages < 10000 AND weight > 0)
) STRICT;

CREATE INDEX books_by_title ON books (title, subtitle);
CREATE UNIQUE INDEX books_by_weight ON books (weight);

CREATE TABLE readers (
    id TEXT NOT NULL PRIMARY KEY
) STRICT;
