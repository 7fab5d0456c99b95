DROP TABLE IF EXISTS signing_keys;
DROP TABLE IF EXISTS password_tries;
DROP TABLE IF EXISTS spent_tokens;
DROP TABLE IF EXISTS refresh_families;
DROP TABLE IF EXISTS accounts;
