DROP TABLE notices;
DROP TABLE address_book;
