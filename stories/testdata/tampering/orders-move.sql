-- in ordering.db, naming {open}: an order is past its deadline and nothing is going to end it
UPDATE orders SET deadline_at = placed_at - 3600000000 WHERE id = '{open}';
DELETE FROM tasks WHERE kind = 'deadline' AND task_key = '{open}';
