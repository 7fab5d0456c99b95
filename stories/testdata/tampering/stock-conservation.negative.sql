-- in inventory.db, naming {sku}: more was sold than there was
INSERT INTO bookings SELECT sku, 'adjustment', 'oversold', -on_hand - 1, '', '', 1 FROM levels WHERE sku = '{sku}';
UPDATE levels SET on_hand = -1 WHERE sku = '{sku}';
