CREATE TABLE shelves (
    id text COLLATE "C" NOT NULL PRIMARY KEY
);

CREATE TABLE books (
    id       text COLLATE "C" NOT NULL,
    shelf    text COLLATE "C" NOT NULL REFERENCES shelves (id) ON DELETE CASCADE,
    title    text COLLATE "C" NOT NULL CHECK (length(title) <= 100),
    subtitle text             NOT NULL,
    pages    bigint           NOT NULL CHECK (pages > 0),
    weight   integer          NOT NULL,
    lent     boolean          NOT NULL,
    torn     bigint           NOT NULL CHECK (torn IN (0, 1)),
    copies   bigint           NOT NULL,
    bought   bigint           NOT NULL,
    isbn     text COLLATE "C" UNIQUE,
    PRIMARY KEY (id),
    CHECK (pages < 10000 AND weight >= 0)
);

CREATE INDEX books_by_title ON books (subtitle, title);
CREATE UNIQUE INDEX books_by_heaviness ON books (weight);

CREATE TABLE readers (
    id text COLLATE "C" NOT NULL PRIMARY KEY
);

ALTER TABLE readers ADD CHECK (id <> '');
DO $$ BEGIN ALTER TABLE readers ADD CHECK (id <> 'nobody'); END $$;
