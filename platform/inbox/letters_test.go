package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/inbox"
)

// filled is a reader that cannot read doors "a" and "b", which have a dead letter and one behind it, and
// "c", which it will be tried again.
func filled(t *testing.T) (r *reader, ids map[string]string) {
	r, ids = newReader(t, inbox.Options{Backoff: func(int) time.Duration { return time.Hour }}), map[string]string{}
	r.fail = func(door, n string) error {
		if door == "c" {
			return errors.New("the lamp is out")
		}
		return inbox.Hopeless(errors.New("100% Illegible_" + door + n))
	}
	for _, door := range []string{"a", "b", "c"} {
		for n := range 2 {
			m := letter(t, door, n+1)
			ids[fmt.Sprint(door, n+1)] = m.UUID
			r.gets(t, m)
		}
	}
	return r, ids
}

func (r *reader) letters(t *testing.T, f inbox.LetterFilter) []inbox.Letter {
	t.Helper()
	list, err := r.inbox.Letters(t.Context(), f)
	require.NoError(t, err)
	return list
}

// names tells letters by door and number.
func names(list []inbox.Letter) []string {
	found := []string{}
	for _, l := range list {
		found = append(found, fmt.Sprint(l.Key, l.Number))
	}
	return found
}

func TestLettersAreChosen(t *testing.T) {
	r, ids := filled(t)
	for _, choice := range []struct {
		filter inbox.LetterFilter
		found  []string
	}{
		{inbox.LetterFilter{}, []string{"a1", "a2", "b1", "b2", "c1", "c2"}},
		{inbox.LetterFilter{State: inbox.Parked}, []string{"a1", "b1"}},
		{inbox.LetterFilter{Dead: true}, []string{"a1", "a2", "b1", "b2"}},
		{inbox.LetterFilter{Key: "b"}, []string{"b1", "b2"}},
		{inbox.LetterFilter{Source: "house", Name: "house.Opened", State: inbox.Retrying}, []string{"c1"}},
		{inbox.LetterFilter{Source: "garden"}, []string{}},
		{inbox.LetterFilter{Name: "house.Shut"}, []string{}},
		{inbox.LetterFilter{Error: "0% illegible_A"}, []string{"a1"}},
		{inbox.LetterFilter{Error: "100_"}, []string{}},
		{inbox.LetterFilter{Before: time.Now().Add(-time.Hour)}, []string{}},
		{inbox.LetterFilter{Since: time.Now().Add(-time.Hour), Before: time.Now().Add(time.Hour), Limit: 2}, []string{"a1", "a2"}},
		{inbox.LetterFilter{After: ids["a2"], Limit: 2}, []string{"b1", "b2"}},
	} {
		require.Equal(t, choice.found, names(r.letters(t, choice.filter)), "%+v", choice.filter)
	}
}

func TestAnOperatorIsToldWhatCannotBe(t *testing.T) {
	r, ids := filled(t)
	ctx, in := t.Context(), r.inbox

	require.True(t, fault.Is(in.Retry(ctx, ids["a2"]), fault.Conflict), "it waits behind another")
	require.True(t, fault.Is(in.Drop(ctx, "no such letter"), fault.NotFound))
	require.True(t, fault.Is(in.Edit(ctx, ids["a1"], []byte("{")), fault.Invalid))

	require.NoError(t, in.Drop(ctx, ids["a1"]), "its lane moves on")
	require.True(t, fault.Is(in.Edit(ctx, ids["a1"], []byte("{}")), fault.NotFound))
	require.True(t, fault.Is(in.Retry(ctx, ids["a1"]), fault.NotFound))
	require.Equal(t, []string{"a2", "b1", "b2", "c1", "c2"}, names(r.letters(t, inbox.LetterFilter{})))
}

func TestActingJoinsAUnitOfWork(t *testing.T) {
	r, ids := filled(t)
	no := errors.New("not after all")

	require.ErrorIs(t, r.db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
		for _, door := range []string{"a1", "b1"} {
			before, err := r.inbox.Letter(ctx, ids[door])
			require.NoError(t, err)
			require.Equal(t, inbox.Parked, before.State)
			require.NoError(t, r.inbox.Drop(ctx, ids[door]))
			_, err = r.inbox.Letter(ctx, ids[door])
			require.True(t, fault.Is(err, fault.NotFound))
		}
		return no
	}), no)

	require.Equal(t, inbox.Kept{Parked: 2, Behind: 2, Retrying: 1, Waiting: 1}, r.kept(t))
}

// A letter has all that is needed to apply it: nothing of what it came from has to be there any more. And
// its number makes it count once, whoever brings it again.
func TestALetterIsRetriedWeeksLater(t *testing.T) {
	r, ids := filled(t)
	require.NoError(t, r.db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("inbox_messages").Where("event_id = ?", ids["a1"]).
			Update("received_at", time.Now().Add(-30*24*time.Hour).UnixMicro()).Error
	}))
	r.fail = nil
	require.NoError(t, r.inbox.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, r.inbox.Stop(context.Background())) })

	require.NoError(t, r.inbox.Retry(t.Context(), ids["a1"]))

	read := func() bool { // who reads takes note after the commit
		return len(r.letters(t, inbox.LetterFilter{Key: "a"})) == 0 && len(r.hasRead()) == 2
	}
	require.Eventually(t, read, 30*time.Second, time.Millisecond)
	r.gets(t, letter(t, "a", 1), letter(t, "a", 2))
	require.Equal(t, []string{"a1", "a2"}, r.hasRead())
	require.True(t, fault.Is(r.inbox.Retry(t.Context(), ids["a1"]), fault.NotFound))
}

// An edited letter is applied as it is now, and what comes again as it was changes nothing.
func TestALetterIsEdited(t *testing.T) {
	r, ids := filled(t)
	original := letter(t, "a", 1)
	require.NoError(t, r.inbox.Edit(t.Context(), ids["a1"], []byte(`{"door":"mended"}`)))

	edited, err := r.inbox.Letter(t.Context(), ids["a1"])
	require.NoError(t, err)
	require.Equal(t, inbox.Retrying, edited.State)
	require.Zero(t, edited.Attempts)
	require.JSONEq(t, `{"door":"mended"}`, edited.Payload)

	r.gets(t, original)
	again, err := r.inbox.Letter(t.Context(), ids["a1"])
	require.NoError(t, err)
	require.Equal(t, edited, again)
}

// Operators who act at the same time get in nobody's way, nor in that of whoever applies the letters.
func TestManyOperators(t *testing.T) {
	r := newReader(t, inbox.Options{Attempts: 1, Poll: time.Millisecond})
	r.fail = func(_, n string) error {
		if n == "1" {
			return errors.New("illegible")
		}
		return nil
	}
	var ids []string
	for door := range 20 {
		one := letter(t, fmt.Sprintf("%02d", door), 1)
		ids = append(ids, one.UUID)
		r.gets(t, one, letter(t, one.Metadata[envelope.Subject], 2))
	}
	require.NoError(t, r.inbox.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, r.inbox.Stop(context.Background())) })

	var operators sync.WaitGroup
	var mu sync.Mutex
	dropped := map[string]int{}
	for range 4 {
		operators.Go(func() {
			for _, id := range ids {
				if err := r.inbox.Retry(context.Background(), id); err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("retry: %v", err)
				}
				err := r.inbox.Drop(context.Background(), id)
				if err != nil && !fault.Is(err, fault.NotFound) {
					t.Errorf("drop: %v", err)
				}
				if err == nil {
					mu.Lock()
					dropped[id]++
					mu.Unlock()
				}
			}
		})
	}
	operators.Wait()

	applied := func() bool { return r.kept(t) == inbox.Kept{} && len(r.hasRead()) == len(ids) } // who reads takes note after the commit
	require.Eventually(t, applied, 30*time.Second, time.Millisecond)
	require.Len(t, dropped, len(ids))
	for id, times := range dropped {
		require.Equal(t, 1, times, id)
	}
	read := r.hasRead()
	slices.Sort(read)
	var want []string
	for door := range 20 {
		want = append(want, fmt.Sprintf("%02d2", door))
	}
	require.Equal(t, want, read)
}
