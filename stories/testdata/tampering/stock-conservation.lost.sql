-- in inventory.db, naming {sku}: a product with a past has no level
DELETE FROM levels WHERE sku = '{sku}';
