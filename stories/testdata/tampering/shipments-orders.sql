-- in shipping.db, naming {cancelled}: the goods of a cancelled order are about to leave
UPDATE shipments SET status = 'pending', cancelled_at = 0 WHERE order_id = '{cancelled}';
