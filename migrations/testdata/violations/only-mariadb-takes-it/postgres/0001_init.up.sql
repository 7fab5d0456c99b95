CREATE TABLE shelves (
    id    text COLLATE "C" NOT NULL PRIMARY KEY,
    width bigint           NOT NULL CHECK (width > 0 AND width < depth),
    depth bigint           NOT NULL
);

CREATE TABLE books (
    id    text COLLATE "C" NOT NULL PRIMARY KEY,
    shelf text COLLATE "C" NOT NULL REFERENCES shelves (id)
);

CREATE INDEX books_by_shelf ON books (shelf);
