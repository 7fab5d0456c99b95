DROP TABLE return_lines;
DROP TABLE returns;
DROP TABLE history;
DROP TABLE adjustments;
DROP TABLE order_lines;
DROP TABLE orders;
