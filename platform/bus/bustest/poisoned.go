package bustest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

const (
	poisonAttempts = 10
	poisonPause    = 5 * time.Millisecond // after the first attempt; doubled after each further one
	// poisonRuns bounds how often an attempt runs the handler: again with savepoints where its group was
	// spoilt, and again alone where the group's transaction was lost.
	poisonRuns = 3
)

func poisonBackoff(attempt int) time.Duration { return poisonPause << (attempt - 1) }

// Poison proves that events which fail whenever they are tried stop nobody else: one in a hundred, or none
// with clean. It returns how long the others took, which were all waiting when it began.
func (p Parts) Poison(t *testing.T, events int, clean bool) (took time.Duration) {
	if p.Relay == nil {
		p.Relay = ownRelay(outbox.RelayOptions{})
	}
	if p.Patience == 0 {
		p.Patience = 5 * time.Minute // all the events may take that long on a slow machine
	}
	l := newLab(t, p)
	source, listener := l.module("source"), l.module("listener")
	listener.retries = inbox.Options{Attempts: poisonAttempts, Backoff: poisonBackoff, Poll: 25 * time.Millisecond}
	d := &doses{listener: listener, attempts: map[string][]time.Time{}}
	listener.hears(d.hear)
	poisonous := d.prepare(source, events, clean)

	listener.start()
	began := time.Now()
	source.speak()
	l.eventually(func() bool { return listener.heardSoFar() == events-poisonous }, "the others have not all been heard")
	took = time.Since(began)

	l.eventually(func() bool { return len(listener.dead()) == poisonous }, "not everything that always fails was parked")
	source.rests()
	require.Equal(l, events-poisonous, listener.heardSoFar())
	for _, letter := range listener.dead() {
		require.Equal(l, poisonAttempts, letter.Attempts, letter.Key)
		d.paused(letter.Key)
	}
	require.Len(l, d.attempts, poisonous)
	listener.comesTo("pangaea_inbox_failures_total", float64(poisonous*poisonAttempts))
	require.EqualValues(l, poisonous*poisonAttempts, listener.measured("pangaea_inbox_failures_total"))
	kept, err := listener.inbox.Kept(t.Context())
	require.NoError(l, err)
	require.Equal(l, inbox.Kept{Parked: int64(poisonous)}, kept)
	return took
}

// doses are the handler of a module that cannot bear some keys, and when it was tried with each of those.
type doses struct {
	listener *module
	mu       sync.Mutex
	attempts map[string][]time.Time
}

const poisonMark = "poison"

// prepare announces the events, while nobody delivers them, and returns how many are poisonous: every
// hundredth, each of a key of its own.
func (d *doses) prepare(source *module, events int, clean bool) (poisonous int) {
	list := make([]outbox.Event, events)
	for i := range list {
		e := happened{Key: fmt.Sprintf("key-%d", i%(events/10)), Version: i}
		if i%100 == 50 && !clean {
			e = happened{Key: fmt.Sprintf("%s-%d", poisonMark, i), Note: poisonMark}
			poisonous++
		}
		list[i] = e
	}
	require.NoError(source.lab, source.db.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error {
		return source.outbox.Add(ctx, list...)
	}))
	return poisonous
}

func (d *doses) hear(ctx context.Context, e *happened) error {
	if err := d.listener.writeDown(ctx, e); err != nil || e.Note != poisonMark {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attempts[e.Key] = append(d.attempts[e.Key], time.Now())
	return errors.New("unbearable")
}

// paused sees that the attempts at a key were not made in a hot loop: between the first and the last of
// them are all pauses.
func (d *doses) paused(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	runs, l := d.attempts[key], d.listener.lab
	require.GreaterOrEqual(l, len(runs), poisonAttempts, key)
	require.LessOrEqual(l, len(runs), poisonAttempts*poisonRuns, key)
	pauses := poisonBackoff(poisonAttempts) - poisonBackoff(1) // 1 + 2 + 4 … = 2ⁿ - 1
	require.GreaterOrEqual(l, runs[len(runs)-1].Sub(runs[0]), pauses, key)
}

// dead are the module's dead letters.
func (m *module) dead() []inbox.Letter {
	m.lab.Helper()
	list, err := m.inbox.Letters(context.Background(), inbox.LetterFilter{State: inbox.Parked, Limit: 1000})
	require.NoError(m.lab, err)
	return list
}
