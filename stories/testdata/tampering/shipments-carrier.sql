-- in shipping-carrier.db, naming {delivered.shipment}: the carrier never had what we say it delivered
DELETE FROM carrier_parcels WHERE shipment_id = '{delivered.shipment}';
