CREATE TABLE books (
    id    text COLLATE "C" NOT NULL PRIMARY KEY,
    title text COLLATE "C" NOT NULL
);

CREATE INDEX books_by_title ON books (title);
