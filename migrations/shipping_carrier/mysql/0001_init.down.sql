DROP TABLE IF EXISTS carrier_parcels;
