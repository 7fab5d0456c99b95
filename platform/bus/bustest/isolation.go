package bustest

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"
)

func aSlowSubscriber(l *lab) {
	source, quick, slow := l.module("source"), l.module("quick").hears(nil), l.module("slow")
	release := make(chan struct{})
	slow.hears(func(ctx context.Context, e *happened) error {
		<-release
		return slow.writeDown(ctx, e)
	})
	slow.start()
	quick.start()
	source.start()
	letGo := sync.OnceFunc(func() { close(release) })
	l.Cleanup(letGo)

	source.changes(keys(100), 2) // more lanes than are published to one destination at a time

	quick.heard(upTo(keys(100), 2))
	require.Zero(l, slow.heardSoFar())
	letGo()
	slow.heard(upTo(keys(100), 2))
	source.rests()
}

func anAbsentSubscriber(l *lab) {
	source, present, absent := l.module("source"), l.module("present").hears(nil), l.module("absent").hears(nil)
	present.start()
	source.start()

	source.changes(keys(50), 2)

	present.heard(upTo(keys(50), 2))
	require.Zero(l, absent.heardSoFar())
	absent.start()
	absent.heard(upTo(keys(50), 2))
	absent.stopListening() // and gone again
	source.changes(keys(50), 1)
	present.heard(upTo(keys(50), 3))
	absent.listen()
	absent.heard(upTo(keys(50), 3))
	source.rests()
}

func aSubscriberWithoutADatabase(l *lab) {
	source, one := l.module("source"), l.module("one").hears(nil)
	one.listen()
	source.start()
	source.changes(keys(10), 2)
	one.heard(upTo(keys(10), 2))
	source.rests()

	require.NoError(l, one.db.Close()) // whatever comes now cannot be committed, as when a process dies
	source.changes(keys(10), 3)
	l.eventually(func() bool {
		return source.measured("pangaea_outbox_delivered_total")+source.measured("pangaea_outbox_failures_total") > 20
	}, "nothing came meanwhile")
	one.stopListening()
	one.open()
	one.listen()

	one.heard(upTo(keys(10), 5))
	source.rests()
}

func aBusyKey(l *lab) {
	source, one := l.module("source"), l.module("one")
	var busy atomic.Int64
	var others atomic.Int64 // busy ones handled when the last of the others was
	one.hears(func(ctx context.Context, e *happened) error {
		if e.Key == "busy" {
			busy.Add(1)
		} else {
			others.Store(busy.Load())
		}
		return one.writeDown(ctx, e)
	})
	source.changes([]string{"busy"}, 300) // more than memory takes of one lane, and pending before the others
	source.changes(keys(10), 3)
	one.start()
	source.start()

	want := upTo(keys(10), 3)
	want["busy"] = upTo([]string{"busy"}, 300)["busy"]
	one.heard(want)
	require.Less(l, others.Load(), int64(200), "the others waited for the busy key")
	source.rests()
}
