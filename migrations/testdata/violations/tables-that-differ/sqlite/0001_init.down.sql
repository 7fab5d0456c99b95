DROP TABLE readers;
DROP TABLE books;
DROP TABLE shelves;
