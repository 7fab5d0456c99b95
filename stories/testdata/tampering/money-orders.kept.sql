-- in payments.db, naming {cancelled}: the money of a cancelled order was kept
UPDATE payments SET refunded = 0, status = 'captured' WHERE id = '{cancelled.payment}';
