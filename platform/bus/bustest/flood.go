package bustest

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/time/rate"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

const (
	floodWriters = 32
	floodDeaths  = 8 // of relays, in the course of a flood
)

// Flood proves that none of many events is missed and none comes out of its turn: 32 writers announce
// them, a few with each commit, which takes up to 5 ms; two units of work in a hundred are rolled back,
// relays die, and elsewhere on the same server somebody has left transactions open.
//
// Nine tenths come as fast as they can be announced. With the last tenth, at half the pace that those were
// delivered in, it measures how long an event takes from its commit to that of its effect.
func (p Parts) Flood(t *testing.T, events int) {
	if p.Relay == nil {
		p.Relay = ownRelay(outbox.RelayOptions{}) // as a shop of one process has it
	}
	l := newLab(t, p)
	f := &flood{lab: l, listener: l.module("listener"), keys: keys(max(2000, events/100))}
	f.listener.retries.Patience = []time.Duration{} // so that it keeps what comes early
	f.listener.hears(f.hear)
	f.sources = f.open()
	f.prepare(f.sources[0])
	f.prepare(f.listener)
	endIdle := f.idle()
	f.listener.start()
	for _, s := range f.sources {
		s.speak()
	}
	memory := watchMemory()

	began := time.Now()
	f.announce(events-events/10, rate.Inf, floodDeaths)
	f.waitForAll()
	took := time.Since(began)
	pace := float64(f.heard.Load()) / took.Seconds()
	f.timing.Store(true)
	f.announce(events/10, rate.Limit(pace/2), 0)
	f.waitForAll()

	heap := memory()
	endIdle()
	require.Zero(l, f.astray.Load(), "events came twice or out of their turn")
	require.Equal(l, f.versions(f.sources[0]), f.versions(f.listener))
	require.EqualValues(l, events, f.heard.Load())
	require.Less(l, heap, uint64(256<<20), "memory grows with the number of events")
	f.counts()
	l.Logf("%d events in %s, %.0f a second; at half that pace, from commit to effect: %s; %d MiB of heap at most",
		events-events/10, took.Round(time.Millisecond), pace, &f.lags, heap>>20)
}

type flood struct {
	*lab
	sources  []*module // instances of one module
	listener *module
	keys     []string

	committed, undone, heard, astray atomic.Int64
	deaths                           int
	timing                           atomic.Bool
	lags                             lags
}

// open opens the source, on a server as two instances of it.
func (f *flood) open() []*module {
	list := []*module{f.module("source")}
	if databasetest.Dialect() != database.SQLite {
		list = append(list, f.module("source"))
	}
	return list
}

// prepare gives a module all keys, in version 0.
func (f *flood) prepare(m *module) {
	rows := make([]versionRow, len(f.keys))
	for i, key := range f.keys {
		rows[i] = versionRow{EventKey: key}
	}
	require.NoError(f, m.db.Do(f.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.CreateInBatches(&rows, 500).Error }))
}

// hear moves a key on to the next version, and nowhere else.
func (f *flood) hear(ctx context.Context, e *happened) error {
	return f.listener.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		r := tx.Exec("UPDATE versions SET version = ? WHERE event_key = ? AND version = ?", e.Version, e.Key, e.Version-1)
		inTurn := r.RowsAffected == 1
		database.AfterCommit(ctx, func() {
			f.heard.Add(1)
			if !inTurn {
				f.astray.Add(1)
			}
			if e.Note == timed {
				f.lags.applied(e.Key, e.Version)
			}
		})
		return r.Error
	})
}

// waitForAll waits until everything is heard, for as long as more is.
func (f *flood) waitForAll() {
	for heard, committed := f.heard.Load(), f.committed.Load(); heard < committed; {
		before := heard
		for began := time.Now(); heard == before && time.Since(began) < f.Patience; time.Sleep(10 * time.Millisecond) {
			heard = f.heard.Load()
		}
		if heard == before {
			f.Fatalf("%d of %d events are missing", committed-heard, committed)
		}
	}
	for _, s := range f.sources {
		s.rests()
	}
}

// versions are the versions that a module has of all keys.
func (f *flood) versions(m *module) map[string]int {
	var rows []versionRow
	require.NoError(f, m.db.Read(context.Background(), func(_ context.Context, tx *gorm.DB) error { return tx.Find(&rows).Error }))
	versions := map[string]int{}
	for _, r := range rows {
		versions[r.EventKey] = r.Version
	}
	return versions
}

// counts says how often happened what was to make it difficult, and sees that it did.
func (f *flood) counts() {
	twice := f.listener.measured("pangaea_inbox_duplicates_total")
	early := f.listener.measured("pangaea_inbox_waited_total")
	again := 0.0
	for _, s := range f.sources {
		again += s.measured("pangaea_database_reruns_total")
	}
	f.Logf("%d units of work were rolled back; %.0f ran again after a collision, and %.0f of the listener's; %d relays died, %.0f messages came twice, %.0f too early",
		f.undone.Load(), again, f.listener.measured("pangaea_database_reruns_total"), f.deaths, twice, early)
	require.Positive(f, f.undone.Load(), "nothing was rolled back")
	require.Equal(f, floodDeaths, f.deaths, "relays have not died")
	require.Positive(f, twice, "nothing came twice")
	if len(f.sources) > 1 { // whose relays do not wait for each other
		require.Positive(f, early, "nothing came before its predecessor")
	}
}
