CREATE TABLE books (
    id    TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL
) STRICT;

CREATE INDEX books_by_title ON books (title);
