DROP TABLE return_lines;
DROP TABLE reservation_lines;
DROP TABLE reservations;
DROP TABLE bookings;
DROP TABLE levels;
