-- in payments-provider.db, naming {delivered.payment}: the provider took a penny more than we know of
UPDATE provider_statement SET amount = amount + 1 WHERE payment_id = '{delivered.payment}' AND movement = 'capture';
