package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench/reference"
	"github.com/pangaea-shop/pangaea/platform/bus"
	transport "github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Relays are the shop's and one that is written by hand. Both drain an outbox into a quorum queue that is listened to.
type relays struct {
	server     *postgres
	broker     *rabbitmq
	ours, hand []float64 // events per second, of each round
}

// relayed is how many events a relay drains for every second that a measurement takes.
const relayed = 2000

var payload = strings.Repeat("x", 1024)

// A rang is an event of a kilobyte that has to wait for no other.
type rang struct{ Bell, Text string }

func (rang) EventName() string  { return "tower.Rang" }
func (r rang) EventKey() string { return r.Bell }

var manifest = outbox.Manifest{rang{}.EventName(): {"town"}}

// measure has both drain as many events, in turns.
func (r *relays) measure(ctx context.Context, run string, round, events int) error {
	name := fmt.Sprintf("%s%s_relay_%d", ours, run, round)
	house, err := r.broker.create(ctx, name)
	if err != nil {
		return err
	}
	db, err := r.server.create(ctx, name)
	if err != nil {
		return err
	}
	took, err := drainOurs(ctx, db, house, events)
	if err != nil {
		return err
	}
	r.ours = append(r.ours, float64(events)/took.Seconds())
	if took, err = drainByHand(ctx, db, house, events); err != nil {
		return fmt.Errorf("written by hand: %w", err)
	}
	r.hand = append(r.hand, float64(events)/took.Seconds())
	return nil
}

func drainByHand(ctx context.Context, db, house string, events int) (took time.Duration, err error) {
	r, err := reference.OpenRelay(ctx, db, house)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	if err := r.Fill(ctx, events, []byte(payload)); err != nil {
		return 0, err
	}
	began := time.Now()
	err = r.Drain(ctx, events)
	return time.Since(began), err
}

// drainOurs returns how long the shop's relay took until the last event was heard and the outbox empty.
func drainOurs(ctx context.Context, url, house string, events int) (took time.Duration, err error) {
	db, err := database.Open(ctx, "tower", database.Options{URL: url})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	carrier, err := transport.New(house, transport.Options{Sources: manifest.Sources})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, carrier.Close()) }()
	if err := settleIn(ctx, carrier); err != nil {
		return 0, err
	}
	addresses, err := bus.AddressesOf(config.Of(map[string]string{"PANGAEA_BUS_URL": house}), manifest)
	if err != nil {
		return 0, err
	}
	box := outbox.New(db, manifest)
	if err := fill(ctx, db, box, events); err != nil {
		return 0, err
	}
	ears, err := amqp.Dial(house)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, ears.Close()) }()
	relay, heard := outbox.NewRelay(box, carrier, bus.Relaying(addresses)), make(chan error, 1)
	began := time.Now()
	go func() { heard <- reference.Listen(ctx, ears, "town", events) }()
	if err := relay.Start(ctx); err != nil {
		return 0, err
	}
	err = errors.Join(<-heard, relay.Stop(ctx))
	return time.Since(began), err
}

// settleIn makes the queue of the town, which hears nothing of what comes later: whoever listens to both relays does.
func settleIn(ctx context.Context, carrier *transport.Carrier) error {
	if err := carrier.Introduce("tower"); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	messages, err := carrier.Subscribe(ctx, "town")
	cancel()
	if err != nil {
		return err
	}
	for range messages { // until it has left
		return errors.New("a new queue is not empty")
	}
	return nil
}

// row is the shop's relay beside the one that is written by hand.
func (r *relays) row() Row {
	row := Row{
		What: "relay drain, every event confirmed", Unit: "/s", Goal: ratioAtLeast("≥ 0.80 of one by hand", 0.80),
		Shop: number(median(r.ours)), Reference: number(median(r.hand)), Same: number(math.NaN()),
	}
	row.Goal.Reached = row.Goal.reached(row)
	return row
}

// fill announces events while nobody relays them.
func fill(ctx context.Context, db *database.DB, box *outbox.Outbox, events int) error {
	for n := 0; n < events; {
		err := db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error {
			var some []outbox.Event
			for len(some) < 500 && n+len(some) < events {
				some = append(some, rang{"bell-" + strconv.Itoa(n+len(some)), payload})
			}
			return box.Add(ctx, some...)
		})
		if err != nil {
			return err
		}
		n += 500
	}
	return nil
}
