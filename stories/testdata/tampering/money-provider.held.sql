-- in payments-provider.db, naming {failed.payment}: the provider never let go what it held for a cancelled order
DELETE FROM provider_statement WHERE payment_id = '{failed.payment}' AND movement = 'void';
