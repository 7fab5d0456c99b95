-- in inventory.db, naming {sku}: a piece is set aside for nobody
UPDATE levels SET on_hand = on_hand - 1, reserved = reserved + 1 WHERE sku = '{sku}';
