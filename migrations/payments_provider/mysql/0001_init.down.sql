DROP TABLE IF EXISTS provider_statement;
DROP TABLE IF EXISTS provider_requests;
DROP TABLE IF EXISTS provider_accounts;
