DROP TABLE IF EXISTS returned_pieces;
DROP TABLE IF EXISTS reservation_lines;
DROP TABLE IF EXISTS reservations;
DROP TABLE IF EXISTS bookings;
DROP TABLE IF EXISTS levels;
