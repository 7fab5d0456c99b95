-- in ordering.db, naming {cancelled}: a cancelled order waits for its money, which went back long ago
UPDATE orders SET money_settled = FALSE WHERE id = '{cancelled}';
