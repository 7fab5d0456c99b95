DROP TABLE returned_pieces;
DROP TABLE reservation_lines;
DROP TABLE reservations;
DROP TABLE bookings;
DROP TABLE levels;
