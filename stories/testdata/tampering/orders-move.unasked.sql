-- in payments.db, naming {returned.payment}: a refund waits for a provider that nobody asks
UPDATE refunds SET status = 'requested' WHERE payment_id = '{returned.payment}';
