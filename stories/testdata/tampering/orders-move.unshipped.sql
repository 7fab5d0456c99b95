-- in shipping.db, naming {paid}: a paid order has been forgotten by shipping
DELETE FROM shipment_lines WHERE shipment_id = '{paid.shipment}';
DELETE FROM shipments WHERE id = '{paid.shipment}';
