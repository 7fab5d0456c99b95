-- in shipping-carrier.db, naming 0190dead-0000-7000-8000-000000000002: the carrier has a parcel that nobody sent
INSERT INTO carrier_parcels VALUES ('0190dead-0000-7000-8000-000000000002', 'PG1111111111111111', 'GB', 1, 0);
