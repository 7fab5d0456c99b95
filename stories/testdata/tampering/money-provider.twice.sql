-- in payments-provider.db, naming {delivered.payment}: the provider took the money twice
INSERT INTO provider_statement SELECT REPLACE(reference, '-', '+'), payment_id, movement, currency, amount, booked_at
FROM provider_statement WHERE payment_id = '{delivered.payment}' AND movement = 'capture';
