package knownbugs

import (
	"os"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// What parts have to keep that are put in the place of ours.
const (
	everyday = "an event reaches every module that subscribes, once"
	oneByOne = "what is pending at the end of a process is delivered by the next" // from one writer, nor is our relay measured
)

var bugs = []bug{
	{
		name:   "gochannel as the carrier", // says success when nobody has subscribed
		tests:  bustest.Parts{Carrier: channel, Patience: patience}.Run,
		keeps:  everyday,
		breaks: "an absent subscriber delays only itself",
		says:   "absent has not heard everything",
	},
	{
		name:   "a relay that polls id > last",
		on:     []database.Dialect{database.Postgres, database.MySQL}, // SQLite has one writer: its ids are committed in order
		tests:  withFlood(bustest.Parts{Carrier: newBroker, Relay: cursors(), Patience: patience}),
		keeps:  oneByOne,
		breaks: floods,
		says:   `\d+ of \d+ events are missing`,
	},
	{
		name:   "a relay that marks before it publishes",
		tests:  bustest.Parts{Carrier: direct, Relay: markFirst, Patience: patience}.Run,
		keeps:  oneByOne,
		breaks: "an absent subscriber delays only itself",
		says:   "absent has not heard everything",
	},
	{
		name:   "an inbox that acknowledges before it commits",
		tests:  bustest.Parts{Carrier: direct, Ears: acknowledgeFirst, Patience: patience}.Run,
		keeps:  everyday,
		breaks: "a subscriber that cannot commit hears it again",
		says:   "one has not heard everything",
	},
	{
		name:   "an inbox outside the transaction, before the effect",
		tests:  bustest.Parts{Carrier: direct, Ears: effectLast, Patience: patience}.Run,
		keeps:  everyday,
		breaks: "a failure that passes is got over",
		says:   "one has not heard everything",
	},
	{
		name:   "an inbox outside the transaction, after the effect",
		tests:  bustest.Parts{Carrier: direct, Ears: effectFirst, Patience: patience}.Run,
		keeps:  everyday,
		breaks: "a failure that passes is got over",
		says:   "one has not heard each once and in order",
	},
	{
		name:   "watermill-amqp as the carrier", // says success for what reaches no queue, which the broker returns
		broker: true,
		on:     []database.Dialect{database.SQLite}, // as all that is the carrier's alone
		tests:  bustest.Parts{Carrier: stock(confirming), Patience: brokersPatience}.Run,
		keeps:  everyday,
		breaks: "an absent subscriber delays only itself",
		says:   "absent has not heard everything",
	},
	{
		name:   "watermill-amqp on a queue that is deleted", // hands out what it reads from a Go channel that is closed
		broker: true,
		on:     []database.Dialect{database.SQLite},
		tests:  troubled(confirming),
		keeps:  calm,
		breaks: deleted,
		says:   `nobody said "": "" map\[\]`,
	},
	{
		name:   "watermill-amqp on a quorum queue", // cannot read that a message comes again
		broker: true,
		on:     []database.Dialect{database.SQLite},
		tests:  bustest.Parts{Carrier: stock(confirming, quorum), Patience: brokersPatience}.Run,
		keeps:  everyday,
		breaks: "a subscriber that cannot commit hears it again",
		says:   "one has not heard everything",
	},
	{
		name:   "watermill-amqp as it is set up", // waits for no confirmation
		broker: true,
		on:     []database.Dialect{database.SQLite},
		tests:  troubled(),
		keeps:  calm,
		breaks: killed,
		says:   `\d+ of \d+ messages that were confirmed are lost`,
	},
	{
		name:   "two consumers that are in order by the broker alone",
		broker: true,
		on:     []database.Dialect{database.SQLite},
		tests:  bustest.Parts{Carrier: stock(confirming), Ears: twoConsumers, Patience: brokersPatience}.Run,
		keeps:  "an event is told only if its unit of work commits",
		breaks: "events of a key stay in order under concurrent writers",
		says:   "one has not heard each once and in order",
		luck:   4, // it is a race between the two
	},
	{
		name:   "transactions of SQLite that begin deferred",
		on:     []database.Dialect{database.SQLite},
		tests:  counting(deferred),
		keeps:  "a counter counts for one writer",
		breaks: "a counter counts for many writers",
		says:   "database is locked",
	},
}

// floods is the test that is not among the promises.
const floods = "none of many events is missed"

// patience is how long a test waits: not for long where it is going to fail. watermill-amqp opens a channel for every message.
var patience, brokersPatience = short(5 * time.Second), short(15 * time.Second)

// short is d in a process that is going to fail. One that has to pass may take its time.
func short(d time.Duration) time.Duration {
	if os.Getenv(failing) == "" {
		return time.Minute
	}
	return d
}

func direct(testing.TB) (message.Publisher, message.Subscriber) {
	d := bus.NewDirect()
	return d, d
}

func channel(testing.TB) (message.Publisher, message.Subscriber) {
	c := gochannel.NewGoChannel(gochannel.Config{BlockPublishUntilSubscriberAck: true}, watermill.NopLogger{})
	return c, c
}

// withFlood has the flood beside the promises.
func withFlood(parts bustest.Parts) func(*testing.T) {
	return func(t *testing.T) {
		parts.Run(t)
		t.Run(floods, func(t *testing.T) { parts.Flood(t, 2000) })
	}
}
