-- in ordering.db, naming {returned}: the order believes that a penny more went back
UPDATE orders SET refunded = refunded + 1 WHERE id = '{returned}';
