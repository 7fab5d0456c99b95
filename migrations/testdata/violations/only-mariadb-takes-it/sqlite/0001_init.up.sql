CREATE TABLE shelves (
    id    TEXT    NOT NULL PRIMARY KEY,
    width INTEGER NOT NULL CHECK (width > 0 AND width < depth),
    depth INTEGER NOT NULL
) STRICT;

CREATE TABLE books (
    id    TEXT NOT NULL PRIMARY KEY,
    shelf TEXT NOT NULL REFERENCES shelves (id)
) STRICT;

CREATE INDEX books_by_shelf ON books (shelf);
