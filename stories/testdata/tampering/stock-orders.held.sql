-- in inventory.db, naming {failed}: goods are set aside for a cancelled order that is settled
UPDATE levels SET (on_hand, reserved) = (SELECT on_hand - quantity, reserved + quantity FROM reservation_lines WHERE order_id = '{failed}')
WHERE sku = '{sku}';
UPDATE reservations SET state = 'reserved' WHERE order_id = '{failed}';
