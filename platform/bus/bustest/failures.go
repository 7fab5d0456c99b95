package bustest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/inbox"
)

// poisoned makes a module that cannot bear version 2 of the keys "a" and "b" until it is healed. It
// counts its attempts at that.
func poisoned(l *lab) (m *module, attempts *atomic.Int64, healed *atomic.Bool) {
	m, attempts, healed = l.module("delicate"), &atomic.Int64{}, &atomic.Bool{}
	m.hears(func(ctx context.Context, e *happened) error {
		if err := m.writeDown(ctx, e); err != nil {
			return err
		}
		if (e.Key == "a" || e.Key == "b") && e.Version == 2 && e.Note == "" && !healed.Load() {
			attempts.Add(1)
			panic("I cannot bear it")
		}
		return nil
	})
	return m, attempts, healed
}

func poison(l *lab) {
	source := l.module("source")
	delicate, attempts, healed := poisoned(l)
	delicate.start()
	source.start()

	source.changes([]string{"a"}, 4)
	source.changes(keys(10), 4)

	want := upTo(keys(10), 4)
	want["a"] = []int{1}
	delicate.heard(want)
	l.eventually(func() bool { return len(delicate.letters(inbox.Parked)) == 1 }, "nothing was parked")
	source.rests()
	require.GreaterOrEqual(l, attempts.Load(), int64(10), "an attempt may run the handler more than once")
	dead := delicate.letters(inbox.Parked)[0]
	require.Equal(l, 10, dead.Attempts)
	require.Contains(l, dead.Error, "I cannot bear it")
	require.JSONEq(l, `{"key":"a","version":2}`, dead.Payload)
	behind := delicate.letters(inbox.Waiting)
	require.Len(l, behind, 2)
	require.Equal(l, dead.ID, behind[0].Behind)
	kept, err := delicate.inbox.Kept(l.Context())
	require.NoError(l, err)
	require.Equal(l, inbox.Kept{Parked: 1, Behind: 2}, kept)

	healed.Store(true)
	require.NoError(l, delicate.inbox.Retry(l.Context(), dead.ID))
	want["a"] = []int{1, 2, 3, 4}
	delicate.heard(want)
	require.Empty(l, delicate.letters(""))
}

func operatorActs(l *lab) {
	source := l.module("source")
	delicate, _, _ := poisoned(l)
	delicate.start()
	source.start()
	source.changes([]string{"a", "b"}, 3)
	l.eventually(func() bool {
		return len(delicate.letters(inbox.Parked)) == 2 && len(delicate.letters(inbox.Waiting)) == 2
	}, "nothing was parked")
	a, b := delicate.letters(inbox.Parked)[0], delicate.letters(inbox.Parked)[1]
	require.Equal(l, []string{"a", "b"}, []string{a.Key, b.Key})

	one, err := delicate.inbox.Letter(l.Context(), a.ID)
	require.NoError(l, err)
	require.Equal(l, a, one)
	waiting := delicate.letters(inbox.Waiting)[0]
	require.True(l, fault.Is(delicate.inbox.Drop(l.Context(), waiting.ID), fault.Conflict))
	require.True(l, fault.Is(delicate.inbox.Retry(l.Context(), "no such"), fault.NotFound))
	require.True(l, fault.Is(delicate.inbox.Edit(l.Context(), a.ID, []byte("{")), fault.Invalid))

	require.NoError(l, delicate.inbox.Edit(l.Context(), a.ID, []byte(`{"key":"a","version":2,"note":"sweetened"}`)))
	require.NoError(l, delicate.inbox.Drop(l.Context(), b.ID))
	delicate.heard(map[string][]int{"a": {1, 2, 3}, "b": {1, 3}})
	l.eventually(func() bool { return len(delicate.letters("")) == 0 }, "something is still kept")
	source.changes([]string{"a", "b"}, 1)
	delicate.heard(map[string][]int{"a": {1, 2, 3, 4}, "b": {1, 3, 4}})
}

func passingFailure(l *lab) {
	source, one := l.module("source"), l.module("one")
	var attempts sync.Map
	one.hears(func(ctx context.Context, e *happened) error {
		n, _ := attempts.LoadOrStore(*e, &atomic.Int64{})
		if n.(*atomic.Int64).Add(1) <= 3 {
			return errors.Join(errors.New("busy"), one.writeDown(ctx, e))
		}
		return one.writeDown(ctx, e)
	})
	one.start()
	source.start()

	source.changes(keys(5), 5)

	one.heard(upTo(keys(5), 5))
	source.rests()
	failures := one.measured("pangaea_inbox_failures_total") // an attempt may run the handler more than once
	require.Positive(l, failures)
	require.LessOrEqual(l, failures, 3*25.0)
	require.Zero(l, one.measured("pangaea_inbox_parked_total"))
}
