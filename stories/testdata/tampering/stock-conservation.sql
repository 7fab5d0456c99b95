-- in inventory.db, naming {sku}: a piece has come from nowhere
UPDATE levels SET on_hand = on_hand + 1 WHERE sku = '{sku}';
