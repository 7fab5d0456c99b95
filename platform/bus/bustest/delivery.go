package bustest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus"
)

func reachesEverybodyOnce(l *lab) {
	source, one, two := l.module("source"), l.module("one").hears(nil), l.module("two").hears(nil)
	one.start()
	two.start()
	source.start()

	source.changes(keys(20), 10)

	one.heard(upTo(keys(20), 10))
	two.heard(upTo(keys(20), 10))
	source.rests()
	source.comesTo("pangaea_outbox_delivered_total", 400)
	one.stopListening() // and has counted all
	require.EqualValues(l, 200, one.measured("pangaea_inbox_applied_total"))
}

func toldOnlyIfCommitted(l *lab) {
	source, one := l.module("source"), l.module("one").hears(nil).start()
	source.start()

	no := errors.New("no")
	require.ErrorIs(l, source.changeAnd("a", func() error { return no }), no)
	require.NoError(l, source.change("a"))

	one.heard(upTo([]string{"a"}, 1))
	source.rests()
}

func pendingSurvivesARestart(l *lab) {
	source, one := l.module("source"), l.module("one").hears(nil)
	source.changes(keys(20), 5) // with no relay
	require.EqualValues(l, 100, source.pending())
	require.NoError(l, source.db.Close())

	source.open()
	one.start()
	source.start()
	source.changes(keys(20), 5)

	one.heard(upTo(keys(20), 10))
	source.rests()
}

func deathBeforeTheMark(l *lab) {
	source, one := l.module("source"), l.module("one").hears(nil).start()
	carrier := &hanging{Publisher: l.publisher}
	source.publisher = carrier

	for version := range 20 {
		source.speak()
		hung := carrier.hung.Load()
		source.changes(keys(10), 1)
		l.eventually(func() bool { return carrier.hung.Load() > hung }, "nothing was under way at death %d", version)
		source.die()
	}
	source.publisher = l.publisher
	source.speak()

	one.heard(upTo(keys(10), 20))
	source.rests()
	one.comesTo("pangaea_inbox_duplicates_total", 1)
}

func lostConfirmations(l *lab) {
	source, one := l.module("source"), l.module("one").hears(nil).start()
	carrier := &forgetful{Publisher: l.publisher}
	source.publisher = carrier
	source.start()

	source.changes(keys(10), 10)

	one.heard(upTo(keys(10), 10))
	source.rests()
	require.Positive(l, carrier.forgotten.Load())
	one.comesTo("pangaea_inbox_duplicates_total", float64(carrier.forgotten.Load()))
}

func aStorm(l *lab) {
	source, one, two := l.module("source"), l.module("one").hears(nil), l.module("two").hears(nil)
	seed := rand.Uint64()
	l.Logf("seed %d", seed)
	carrier := newStorm(l.publisher, seed)
	l.Cleanup(carrier.end)
	source.publisher = carrier
	one.retries.Patience = []time.Duration{} // so that it keeps what comes early; the other one mostly waits
	one.start()
	two.start()
	source.start()

	source.changes(keys(10), 30)
	source.rests() // all is in the storm
	carrier.blowOut()

	one.heard(upTo(keys(10), 30))
	two.heard(upTo(keys(10), 30))
	l.eventually(func() bool {
		return one.measured("pangaea_inbox_duplicates_total")+two.measured("pangaea_inbox_duplicates_total") >= float64(carrier.copies.Load()-600)
	}, "not every copy arrived")
	require.Equal(l, upTo(keys(10), 30), one.effects(), "nothing changes after everything was heard")
	one.comesTo("pangaea_inbox_waited_total", 1) // or nothing was out of order
	require.Empty(l, one.letters(""))
}

func effectAndEventsAreOne(l *lab) {
	source, relaying, last := l.module("source"), l.module("relaying"), l.module("last")
	var failed atomic.Int64
	relaying.hears(func(ctx context.Context, e *happened) error {
		if err := relaying.writeDown(ctx, e); err != nil {
			return err
		}
		if err := relaying.outbox.Add(ctx, followed{*e}); err != nil {
			return err
		}
		if failed.Add(1)%3 == 0 { // after everything was done
			return errors.New("not this time")
		}
		return nil
	})
	last.handlers = []cqrs.GroupEventHandler{bus.On(func(ctx context.Context, e *followed) error { return last.writeDown(ctx, &e.happened) })}
	l.manifest.Hear(last.name, followed{}.EventName())
	source.publisher = &forgetful{Publisher: l.publisher}
	for _, m := range []*module{last, relaying, source} {
		m.start()
	}

	source.changes(keys(10), 10)

	last.heard(upTo(keys(10), 10))
	relaying.heard(upTo(keys(10), 10))
	source.rests()
	relaying.rests()
	relaying.comesTo("pangaea_inbox_failures_total", 1)
	relaying.comesTo("pangaea_inbox_duplicates_total", 1)
	require.Equal(l, upTo(keys(10), 10), last.effects())
}

func orderPerKey(l *lab) {
	source, one := l.module("source"), l.module("one").hears(nil).start()
	source.start()
	names, no := keys(16), errors.New("no")
	var undone atomic.Int64
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for n := range 50 {
				err := source.changeAnd(names[rand.IntN(len(names))], func() error {
					if n%25 == 24 {
						return no
					}
					return nil
				})
				if errors.Is(err, no) {
					undone.Add(1)
				} else {
					require.NoError(l, err)
				}
			}
		})
	}
	writers.Wait()

	want := map[string][]int{}
	require.NoError(l, source.db.Read(l.Context(), func(_ context.Context, tx *gorm.DB) error {
		var rows []versionRow
		if err := tx.Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			want[r.EventKey] = upTo([]string{r.EventKey}, r.Version)[r.EventKey]
		}
		return nil
	}))
	one.heard(want)
	require.EqualValues(l, 16, undone.Load())
	require.Equal(l, 400-16, count(want))
}
