package bustest

import (
	"context"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

func lateSubscriber(l *lab) {
	source := l.module("source").start()
	source.changes(keys(120), 3) // more than one step of a replay
	require.Zero(l, source.pending())

	source.stopSpeaking()
	l.manifest = outbox.Manifest{}
	late := l.module("late").hears(nil).start()
	source.outbox = outbox.New(source.db, l.manifest)
	source.speak()
	n, err := source.outbox.Replay(l.Context(), late.name, outbox.Filter{})
	require.NoError(l, err)
	require.Equal(l, 360, n)
	late.heard(upTo(keys(120), 3))

	n, err = source.outbox.Replay(l.Context(), late.name, outbox.Filter{})
	require.NoError(l, err)
	require.Zero(l, n, "a second time changes nothing")
	source.changes(keys(120), 1)
	late.heard(upTo(keys(120), 4))
	source.rests()

	purged, err := source.outbox.Purge(l.Context(), time.Now())
	require.NoError(l, err)
	require.Equal(l, 480, purged)
	source.changes(keys(1), 1)
	l.eventually(func() bool { return late.heardSoFar() == 481 }, "nothing is heard after a purge")
}

// newer is happened in a later version.
type newer struct{ happened }

func (newer) EventVersion() int { return 2 }

func notUnderstood(l *lab) {
	source, one := l.module("source"), l.module("one").hears(nil)
	l.manifest["source.Unknown"] = []string{one.name}
	sent := l.manifest
	l.manifest = outbox.Manifest{happened{}.EventName(): {one.name}} // what the older one was built with
	one.start()
	l.manifest = sent
	source.start()

	require.NoError(l, source.db.Do(l.Context(), func(ctx context.Context, _ *gorm.DB) error {
		return source.outbox.Add(ctx, newer{happened{Key: "new"}}, unknown{"odd"}, happened{Key: "good", Version: 1})
	}))

	one.heard(map[string][]int{"good": {1}})
	source.rests()
	l.eventually(func() bool { return len(one.letters(inbox.Parked)) == 2 }, "nothing was parked")
	letters := one.letters(inbox.Parked)
	require.Contains(l, letters[0].Error, "read source.Happened: it comes as version 2, understood here: 1")
	require.Contains(l, letters[1].Error, "has no handler for source.Unknown")
}

type unknown struct{ Key string }

func (unknown) EventName() string  { return "source.Unknown" }
func (e unknown) EventKey() string { return e.Key }

func strangers(l *lab) {
	one := l.module("one").hears(nil).start()
	stranger := message.NewMessage("no-label", []byte("what?"))

	require.NoError(l, l.publisher.Publish(one.name, stranger))
	require.NoError(l, l.publisher.Publish(one.name, stranger.Copy()))

	l.eventually(func() bool { return len(one.letters(inbox.Parked)) == 1 }, "nothing was parked")
	letter := one.letters("")[0]
	require.Equal(l, "what?", letter.Payload)
	require.Contains(l, letter.Error, "a message without "+"ce-")
	require.NoError(l, one.inbox.Drop(l.Context(), letter.ID))
	require.Empty(l, one.letters(""))
}

func traces(l *lab) {
	source, one := l.module("source"), l.module("one")
	heard := make(chan context.Context, 1)
	one.hears(func(ctx context.Context, _ *happened) error {
		heard <- ctx
		return nil
	})
	one.start()
	source.start()

	ctx := telemetry.WithCorrelation(telemetry.Begin(l.Context()), "request-1")
	require.NoError(l, source.db.Do(ctx, func(ctx context.Context, _ *gorm.DB) error {
		return source.outbox.Add(ctx, happened{Key: "a", Version: 1})
	}))

	there := <-heard
	require.Equal(l, telemetry.TraceID(ctx), telemetry.TraceID(there))
	require.Equal(l, "request-1", telemetry.Correlation(there))
	require.NotEmpty(l, telemetry.Causation(there))
	effect, err := envelope.Seal(there, one.name, followed{}, time.Now())
	require.NoError(l, err)
	require.Equal(l, telemetry.Causation(there), effect.Metadata[telemetry.CausationID])
}
