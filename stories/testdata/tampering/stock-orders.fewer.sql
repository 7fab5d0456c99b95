-- in inventory.db, naming {delivered}: a piece less was sold than was ordered
UPDATE reservation_lines SET quantity = quantity - 1 WHERE order_id = '{delivered}';
UPDATE levels SET on_hand = on_hand + 1 WHERE sku = '{sku}';
