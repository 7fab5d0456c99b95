-- in shipping.db, naming {delivered.shipment}: the customer was given another parcel's tracking number
UPDATE shipments SET tracking_number = 'PG0000000000000000' WHERE id = '{delivered.shipment}';
