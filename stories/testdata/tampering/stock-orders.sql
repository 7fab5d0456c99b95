-- in inventory.db, naming {delivered}: the goods of a delivered order are still set aside
UPDATE levels SET reserved = reserved + (SELECT quantity FROM reservation_lines WHERE order_id = '{delivered}') WHERE sku = '{sku}';
UPDATE reservations SET state = 'reserved' WHERE order_id = '{delivered}';
