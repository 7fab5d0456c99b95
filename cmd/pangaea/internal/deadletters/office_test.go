package deadletters_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

type opened struct {
	Door string `json:"door"`
}

func (opened) EventName() string  { return "house.Opened" }
func (e opened) EventKey() string { return e.Door }

// A house has two modules, cat and dog, in which things fail.
type house struct {
	dbs     map[string]*database.DB
	inboxes map[string]*inbox.Inbox
	office  *deadletters.Office
}

func newHouse(t *testing.T) house {
	t.Helper()
	h := house{dbs: map[string]*database.DB{}, inboxes: map[string]*inbox.Inbox{}}
	places, members := databasetest.Places(t), []module.Member{{Name: "dog"}, {Name: "cat"}}
	for _, m := range members {
		db := databasetest.Reopen(t, places, m.Name, nil)
		t.Cleanup(func() { require.NoError(t, db.Close()) })
		h.dbs[m.Name], h.inboxes[m.Name] = db, inbox.New(db, inbox.Options{})
	}
	office, err := deadletters.Open(t.Context(), places, members)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, office.Close()) })
	h.office = office
	return h
}

// fails has modules give up news of a door, and returns the event's id.
func (h house) fails(t *testing.T, door string, modules ...string) string {
	t.Helper()
	m, err := envelope.Seal(t.Context(), "house", opened{door}, time.Now())
	require.NoError(t, err)
	m.Metadata[envelope.Number] = "1"
	for _, name := range modules {
		receive := h.inboxes[name].Middleware(func(*message.Message) ([]*message.Message, error) {
			return nil, inbox.Hopeless(errors.New("no such door: " + door))
		})
		_, err := receive(m)
		require.NoError(t, err)
	}
	return m.UUID
}

// parks puts a task that was given up into a module's queue.
func (h house) parks(t *testing.T, name, key string) {
	t.Helper()
	db := h.dbs[name]
	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, tx *gorm.DB) error {
		if err := tasks.New(db).Add(ctx, "walk", key, key, time.Time{}); err != nil {
			return err
		}
		return tx.Table("tasks").Where("task_key = ?", key).
			Updates(map[string]any{"state": "parked", "failures": 10, "parked_at": time.Now().UnixMicro(), "last_error": "it rains"}).Error
	}))
}

func (h house) list(t *testing.T, f deadletters.Filter) ([]deadletters.Letter, bool) {
	t.Helper()
	letters, more, err := h.office.List(t.Context(), f)
	require.NoError(t, err)
	return letters, more
}

func TestPagesLeaveNothingOut(t *testing.T) {
	h := newHouse(t)
	want := []string{}
	for n := range 5 {
		id := h.fails(t, strconv.Itoa(n), "dog", "cat")
		want = append(want, "cat/"+id, "dog/"+id)
		h.parks(t, "dog", strconv.Itoa(n))
	}
	for size := 1; size < 17; size++ {
		var got []string
		tasks := 0
		for f := (deadletters.Filter{Limit: size}); ; {
			letters, more := h.list(t, f)
			for _, l := range letters {
				f.After = l.ID
				if l.Kind == deadletters.Task {
					tasks++
					continue
				}
				got = append(got, l.ID)
			}
			if !more {
				break
			}
			require.Len(t, letters, size)
		}
		require.ElementsMatch(t, want, got)
		require.Equal(t, 5, tasks)
	}
}

func TestAFilterMeansMessagesTasksOrBoth(t *testing.T) {
	h := newHouse(t)
	h.fails(t, "front", "cat")
	h.parks(t, "dog", "front")
	for _, choice := range []struct {
		filter deadletters.Filter
		kinds  []deadletters.Kind
	}{
		{deadletters.Filter{}, []deadletters.Kind{deadletters.Message, deadletters.Task}},
		{deadletters.Filter{State: deadletters.All, Key: "front"}, []deadletters.Kind{deadletters.Message, deadletters.Task}},
		{deadletters.Filter{State: deadletters.Parked, Error: "RAIN"}, []deadletters.Kind{deadletters.Task}},
		{deadletters.Filter{Event: "house.Opened"}, []deadletters.Kind{deadletters.Message}},
		{deadletters.Filter{Source: "house"}, []deadletters.Kind{deadletters.Message}},
		{deadletters.Filter{Kind: "walk"}, []deadletters.Kind{deadletters.Task}},
		{deadletters.Filter{State: deadletters.Waiting}, nil},
		{deadletters.Filter{State: deadletters.Retrying}, nil},
		{deadletters.Filter{Before: time.Now().Add(-time.Hour)}, nil},
	} {
		choice.filter.Limit = 10
		var kinds []deadletters.Kind
		letters, _ := h.list(t, choice.filter)
		for _, l := range letters {
			kinds = append(kinds, l.Kind)
		}
		require.Equal(t, choice.kinds, kinds, "%+v", choice.filter)
	}
}

func TestAnIDThatSeveralModulesHave(t *testing.T) {
	h := newHouse(t)
	id := h.fails(t, "front", "cat", "dog")
	_, err := h.office.Find(t.Context(), id)
	require.ErrorContains(t, err, fmt.Sprintf("name one of cat/%s, dog/%s", id, id))
	found, err := h.office.Find(t.Context(), "dog/"+id)
	require.NoError(t, err)
	require.Equal(t, "dog", found.Module)
	own := h.fails(t, "back", "cat")
	found, err = h.office.Find(t.Context(), own)
	require.NoError(t, err)
	require.Equal(t, "cat/"+own, found.ID)
	_, err = h.office.Find(t.Context(), "mouse/"+id)
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestWhatChangedMeanwhileIsLeftAlone(t *testing.T) {
	h := newHouse(t)
	id := h.fails(t, "front", "cat")
	seen, err := h.office.Find(t.Context(), id)
	require.NoError(t, err)
	require.NoError(t, h.inboxes["cat"].Edit(t.Context(), id, json.RawMessage(`{"door":"back"}`)))

	for _, verb := range []deadletters.Verb{deadletters.Edit, deadletters.Drop} {
		err = h.office.Act(t.Context(), seen, deadletters.Action{Verb: verb, Payload: []byte("{}"), Operator: "operator:olga"})
		require.ErrorContains(t, err, "has changed meanwhile")
	}
	require.NoError(t, h.office.Act(t.Context(), seen, deadletters.Action{Verb: deadletters.Retry, Operator: "operator:olga"}))
	require.NoError(t, h.inboxes["cat"].Drop(t.Context(), id))
	err = h.office.Act(t.Context(), seen, deadletters.Action{Verb: deadletters.Retry, Operator: "operator:olga"})
	require.True(t, fault.Is(err, fault.NotFound))

	entries, err := audit.New(h.dbs["cat"]).Of(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, entries, 1, "what was not done is not recorded")
	require.Equal(t, []string{"operator:olga", "message.retry", id}, []string{entries[0].Actor, entries[0].Action, entries[0].Object})
}

// Whatever an action takes away is in the audit log, byte for byte.
func TestNothingIsLost(t *testing.T) {
	h := newHouse(t)
	receive := h.inboxes["cat"].Middleware(func(*message.Message) ([]*message.Message, error) { return nil, nil })
	_, err := receive(message.NewMessage("odd", []byte("\xff\x00what?")))
	require.NoError(t, err)
	h.parks(t, "dog", "park")

	letters, _ := h.list(t, deadletters.Filter{Limit: 10})
	require.Len(t, letters, 2)
	for _, l := range letters {
		require.NoError(t, h.office.Act(t.Context(), l, deadletters.Action{Verb: deadletters.Drop, Operator: "operator:olga", Reason: "no use"}))
	}

	rest, _ := h.list(t, deadletters.Filter{State: deadletters.All, Limit: 10})
	require.Empty(t, rest)
	details := func(name string) map[string]string {
		entries, err := audit.New(h.dbs[name]).Of(t.Context(), "", 10)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, "no use", entries[0].Details["reason"])
		return entries[0].Details
	}
	require.Equal(t, []string{"base64", "/wB3aGF0Pw=="}, []string{details("cat")["encoding"], details("cat")["payload"]})
	require.Equal(t, `"park"`, details("dog")["payload"])
}
