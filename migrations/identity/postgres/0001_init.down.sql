DROP TABLE signing_keys;
DROP TABLE password_tries;
DROP TABLE spent_tokens;
DROP TABLE refresh_families;
DROP TABLE accounts;
