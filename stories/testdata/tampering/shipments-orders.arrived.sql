-- in ordering.db, naming {delivered}: an order does not know that it has arrived
UPDATE orders SET status = 'dispatched' WHERE id = '{delivered}';
