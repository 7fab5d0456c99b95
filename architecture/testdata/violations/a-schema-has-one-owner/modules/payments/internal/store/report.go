package store

const report = `SELECT p.id FROM payments p
	JOIN ordering.orders o ON o.id = p.order_id`
