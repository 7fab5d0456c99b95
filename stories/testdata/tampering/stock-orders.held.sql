-- in inventory.db, naming {failed}: goods are set aside for a cancelled order that is settled
UPDATE levels SET
  on_hand = on_hand - (SELECT quantity FROM reservation_lines WHERE order_id = '{failed}'),
  reserved = reserved + (SELECT quantity FROM reservation_lines WHERE order_id = '{failed}')
WHERE sku = '{sku}';
UPDATE reservations SET state = 'reserved' WHERE order_id = '{failed}';
