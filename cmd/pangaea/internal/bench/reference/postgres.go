package reference

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A schema is a database on PostgreSQL. A group goes there and back once: a statement for each kind of
// row, all of them in one pipeline, which is a transaction.
type schema struct{ pool *pgxpool.Pool }

const postgresSchema = `
CREATE TABLE IF NOT EXISTS aggregates (id uuid NOT NULL PRIMARY KEY, status text NOT NULL, body text NOT NULL, changed_at bigint NOT NULL) WITH (fillfactor = 70);
CREATE TABLE IF NOT EXISTS parts (kind text NOT NULL, id uuid NOT NULL, n bigint NOT NULL, body text NOT NULL, PRIMARY KEY (kind, id, n));
CREATE TABLE IF NOT EXISTS products (sku text NOT NULL PRIMARY KEY, name text NOT NULL, price bigint NOT NULL, quantity bigint NOT NULL CHECK (quantity >= 0)) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS inbox (id uuid NOT NULL PRIMARY KEY);
CREATE TABLE IF NOT EXISTS inbox_lanes (source text NOT NULL, id uuid NOT NULL, n bigint NOT NULL, PRIMARY KEY (source, id)) WITH (fillfactor = 70);
CREATE TABLE IF NOT EXISTS outbox (id uuid NOT NULL, dest text NOT NULL, payload text NOT NULL, PRIMARY KEY (id, dest));
CREATE TABLE IF NOT EXISTS outbox_events (id uuid NOT NULL PRIMARY KEY, payload text NOT NULL);
CREATE TABLE IF NOT EXISTS outbox_lanes (id uuid NOT NULL, dest text NOT NULL, n bigint NOT NULL, PRIMARY KEY (id, dest)) WITH (fillfactor = 70);
`

// placers is how many groups of orders are written at a time. Of other steps it is one: two could wait
// for each other's rows.
const placers = 2

func openSchema(ctx context.Context, url, name string) (*store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	config.ConnConfig.RuntimeParams["search_path"] = name
	config.MaxConns = placers + 3
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{name}.Sanitize()+";"+postgresSchema, pgx.QueryExecModeSimpleProtocol); err != nil {
		pool.Close()
		return nil, err
	}
	s, orders, steps := &schema{pool}, newLine(), newLine()
	for range placers {
		orders.open(s.commit)
	}
	steps.open(s.commit)
	return &store{name: name, engine: s, orders: orders, steps: steps}, nil
}

func (s *schema) close() { s.pool.Close() }

func (s *schema) cheapest(ctx context.Context) (name string, err error) {
	err = s.pool.QueryRow(ctx, cheapestProduct).Scan(&name)
	return name, err
}

func (s *schema) commit(group []unit) error {
	p := pipeline{rows: map[statement]*columns{}}
	for _, u := range group {
		if err := u.run(&p); err != nil {
			return err
		}
	}
	return p.send(s.pool)
}

// A pipeline is what a group changes, in the order in which kinds of rows came up.
type pipeline struct {
	order []statement
	rows  map[statement]*columns
}

// columns are the parameters of a statement for all rows, and where to put the numbers that it returns.
type columns struct {
	values []any // of []string or []int64
	into   []*int64
}

func (p *pipeline) write(s statement, values ...any) error {
	c, ok := p.rows[s]
	if !ok {
		c = &columns{values: make([]any, len(values))}
		p.rows[s], p.order = c, append(p.order, s)
	}
	for i, v := range values {
		switch v := v.(type) {
		case string:
			column, _ := c.values[i].([]string)
			c.values[i] = append(column, v)
		case int64:
			column, _ := c.values[i].([]int64)
			c.values[i] = append(column, v)
		default:
			return fmt.Errorf("%T is no type of a column", v)
		}
	}
	return nil
}

func (p *pipeline) draw(into *int64, s statement, values ...any) error {
	err := p.write(s, values...)
	p.rows[s].into = append(p.rows[s].into, into)
	return err
}

// send writes everything, and returns when it is durable.
func (p *pipeline) send(pool *pgxpool.Pool) error {
	batch := &pgx.Batch{}
	for _, s := range p.order {
		c := p.rows[s]
		batch.Queue(s.postgres, c.values...).Query(func(rows pgx.Rows) error {
			for n := 0; rows.Next(); n++ {
				if len(c.into) == 0 {
					continue // a look, of which nothing is wanted
				}
				if err := rows.Scan(c.into[n]); err != nil {
					return err
				}
			}
			return rows.Err()
		})
	}
	return pool.SendBatch(context.Background(), batch).Close()
}
