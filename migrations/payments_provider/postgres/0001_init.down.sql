DROP TABLE provider_statement;
DROP TABLE provider_requests;
DROP TABLE provider_accounts;
