package reference

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	amqp "github.com/rabbitmq/amqp091-go"
)

// A Relay takes rows of a table on PostgreSQL to a quorum queue, written by hand: 500 in a transaction, which ends when
// all are confirmed. It knows no keys, no order, no retries and one destination.
type Relay struct {
	pool  *pgxpool.Pool
	conn  *amqp.Connection
	queue string
}

// window is how many messages are on their way at a time, and how many a listener takes before it answers.
const window = 500

// OpenRelay returns a relay with an empty table and an empty queue.
func OpenRelay(ctx context.Context, database, broker string) (*Relay, error) {
	pool, err := pgxpool.New(ctx, database)
	if err != nil {
		return nil, err
	}
	r := &Relay{pool: pool, queue: "by-hand"}
	if _, err = pool.Exec(ctx, "CREATE TABLE by_hand (id bigserial PRIMARY KEY, payload bytea NOT NULL)"); err == nil {
		r.conn, err = amqp.Dial(broker)
	}
	if err != nil {
		pool.Close()
		return nil, err
	}
	ch, err := r.conn.Channel()
	if err == nil {
		_, err = ch.QueueDeclare(r.queue, true, false, false, false, amqp.Table{amqp.QueueTypeArg: amqp.QueueTypeQuorum})
	}
	if err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, ch.Close()
}

// Close ends it.
func (r *Relay) Close() error {
	r.pool.Close()
	return r.conn.Close()
}

// Fill writes n rows.
func (r *Relay) Fill(ctx context.Context, n int, payload []byte) error {
	_, err := r.pool.Exec(ctx, "INSERT INTO by_hand (payload) SELECT $1 FROM generate_series(1, $2)", payload, n)
	return err
}

// Drain relays n rows, and returns when they were heard and the table is without them.
func (r *Relay) Drain(ctx context.Context, n int) error {
	ch, err := r.conn.Channel()
	if err == nil {
		err = ch.Confirm(false)
	}
	if err != nil {
		return err
	}
	defer func() { _ = ch.Close() }()
	heard := make(chan error, 1)
	go func() { heard <- Listen(ctx, r.conn, r.queue, n) }()
	for left := n; left > 0; {
		sent, err := r.some(ctx, ch)
		if err != nil {
			return err
		}
		left -= sent
	}
	return <-heard
}

// some relays what one transaction takes.
func (r *Relay) some(ctx context.Context, ch *amqp.Channel) (n int, err error) {
	return n, pgx.BeginFunc(ctx, r.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `DELETE FROM by_hand WHERE id IN (SELECT id FROM by_hand ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED) RETURNING payload`, window)
		if err != nil {
			return err
		}
		payloads, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil {
			return err
		}
		n = len(payloads)
		return r.publish(ctx, ch, payloads)
	})
}

// publish returns when everything is confirmed.
func (r *Relay) publish(ctx context.Context, ch *amqp.Channel, payloads [][]byte) error {
	var underWay []*amqp.DeferredConfirmation
	for _, payload := range payloads {
		c, err := ch.PublishWithDeferredConfirmWithContext(ctx, "", r.queue, false, false, amqp.Publishing{DeliveryMode: amqp.Persistent, Body: payload})
		if err != nil {
			return err
		}
		underWay = append(underWay, c)
	}
	for _, c := range underWay {
		if stored, err := c.WaitContext(ctx); err != nil || !stored {
			return fmt.Errorf("a message was not confirmed: %w", errors.Join(err, ctx.Err()))
		}
	}
	return nil
}

// Listen hears n messages and answers them, some at a time.
func Listen(ctx context.Context, conn *amqp.Connection, queue string, n int) error {
	ch, err := conn.Channel()
	if err == nil {
		err = ch.Qos(window, 0, false)
	}
	if err != nil {
		return err
	}
	defer func() { _ = ch.Close() }()
	messages, err := ch.ConsumeWithContext(ctx, queue, "", false, false, false, false, nil)
	if err != nil {
		return err
	}
	for heard := 1; heard <= n; heard++ {
		m, open := <-messages
		if !open {
			return errors.New("the queue cannot be listened to any more")
		}
		if heard%64 == 0 || heard == n {
			if err := m.Ack(true); err != nil {
				return err
			}
		}
	}
	return nil
}
