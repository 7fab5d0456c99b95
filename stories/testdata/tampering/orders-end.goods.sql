-- in ordering.db, naming {failed}: a cancelled order waits for its goods, which went back long ago
UPDATE orders SET stock_settled = FALSE WHERE id = '{failed}';
