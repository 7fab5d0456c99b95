-- in payments-provider.db, naming 0190dead-0000-7000-8000-000000000001: the provider took money that nobody asked for
INSERT INTO provider_statement VALUES ('sim_stranger', '0190dead-0000-7000-8000-000000000001', 'capture', 'GBP', 100, 1);
