-- in shipping-carrier.db, naming {delivered.shipment}: the carrier has not delivered what we say has arrived
UPDATE carrier_parcels SET delivered_at = 0 WHERE shipment_id = '{delivered.shipment}';
