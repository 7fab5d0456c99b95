package reference

// A statement changes one row on SQLite, and a row for each unit of a group on PostgreSQL, where its
// parameters are columns.
type statement struct{ sqlite, postgres string }

var (
	addAggregate = statement{
		"INSERT INTO aggregates VALUES (?, ?, ?, ?)",
		"INSERT INTO aggregates SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[])",
	}
	lookAtAggregate = statement{
		"SELECT status FROM aggregates WHERE id = ?",
		"SELECT status FROM aggregates WHERE id = ANY ($1::uuid[]) FOR UPDATE",
	}
	moveAggregate = statement{
		"UPDATE aggregates SET status = ?, changed_at = ? WHERE id = ?",
		`UPDATE aggregates a SET status = u.status, changed_at = u.at
			FROM unnest($1::text[], $2::bigint[], $3::uuid[]) u(status, at, id) WHERE a.id = u.id`,
	}
	addPart = statement{
		"INSERT INTO parts VALUES (?, ?, ?, ?)",
		"INSERT INTO parts SELECT * FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[])",
	}
	dropParts = statement{
		"DELETE FROM parts WHERE kind = ? AND id = ?",
		"DELETE FROM parts p USING unnest($1::text[], $2::uuid[]) u(kind, id) WHERE p.kind = u.kind AND p.id = u.id",
	}
	takeProduct = statement{
		"UPDATE products SET quantity = quantity - ? WHERE sku = ?",
		`UPDATE products p SET quantity = p.quantity - u.quantity
			FROM (SELECT sku, sum(quantity) AS quantity FROM unnest($1::bigint[], $2::text[]) u(quantity, sku) GROUP BY sku) u WHERE p.sku = u.sku`,
	}
	addProduct = statement{
		"INSERT INTO products VALUES (?, 'A thing', 1999, 1000000000000) ON CONFLICT DO NOTHING",
		"INSERT INTO products SELECT sku, 'A thing', 1999, 1000000000000 FROM unnest($1::text[]) u(sku) ON CONFLICT DO NOTHING",
	}

	hearOnce = statement{
		"INSERT INTO inbox VALUES (?)",
		"INSERT INTO inbox SELECT * FROM unnest($1::uuid[]) ON CONFLICT DO NOTHING",
	}
	hearFirst = statement{
		"INSERT INTO inbox_lanes VALUES (?, ?, 1)",
		"INSERT INTO inbox_lanes SELECT source, id, 1 FROM unnest($1::text[], $2::uuid[]) u(source, id)",
	}
	hearNext = statement{ // its predecessor may be under way still: this is no place to put it right
		"UPDATE inbox_lanes SET n = ? WHERE source = ? AND id = ?",
		"UPDATE inbox_lanes l SET n = u.n FROM unnest($1::bigint[], $2::text[], $3::uuid[]) u(n, source, id) WHERE l.source = u.source AND l.id = u.id",
	}

	addEvent = statement{
		"INSERT INTO outbox_events VALUES (?, ?)",
		"INSERT INTO outbox_events SELECT * FROM unnest($1::uuid[], $2::text[])",
	}
	drawNumber = statement{
		"INSERT INTO outbox_lanes VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n",
		`INSERT INTO outbox_lanes SELECT id, dest, 1 FROM unnest($1::uuid[], $2::text[]) u(id, dest)
			ON CONFLICT (id, dest) DO UPDATE SET n = outbox_lanes.n + 1 RETURNING n`,
	}
	addDelivery = statement{
		"INSERT INTO outbox VALUES (?, ?, ?)",
		"INSERT INTO outbox SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])",
	}
	dropDelivery = statement{
		"DELETE FROM outbox WHERE id = ? AND dest = ?",
		"DELETE FROM outbox o USING unnest($1::uuid[], $2::text[]) u(id, dest) WHERE o.id = u.id AND o.dest = u.dest",
	}
)

const cheapestProduct = "SELECT name FROM products ORDER BY sku LIMIT 1"
