DROP TABLE carrier_parcels;
