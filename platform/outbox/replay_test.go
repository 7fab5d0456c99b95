package outbox_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

var heardByCat = outbox.Manifest{"house.Opened": {"cat"}}

// told is what a destination is told, in the order of each lane: "door time".
func told(t *testing.T, box *outbox.Outbox) (deliver func() []string) {
	var mu sync.Mutex
	var list []string
	relay := start(t, box, publisherFunc(func(m *message.Message) error {
		mu.Lock()
		defer mu.Unlock()
		list = append(list, m.Metadata[envelope.Subject]+"/"+m.Metadata[envelope.Number]+" "+string(m.Payload))
		return nil
	}))
	return func() []string {
		eventually(t, atRest(t, box))
		require.NoError(t, relay.Stop(context.Background()))
		slices.Sort(list)
		return slices.Compact(list) // a relay may repeat itself
	}
}

func survey(t *testing.T, box *outbox.Outbox, f outbox.Filter) outbox.Survey {
	t.Helper()
	s, err := box.Survey(t.Context(), "cat", f)
	require.NoError(t, err)
	return s
}

func TestASurveySaysWhatAReplayWouldFind(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	alone, box := outbox.New(db, nil), outbox.New(db, heardByCat)
	require.Zero(t, survey(t, box, outbox.Filter{}))
	began := time.Now().Truncate(time.Microsecond)
	tell(t, db, alone, opened{"gone", 1})
	_, err := box.Purge(t.Context(), time.Now().Add(time.Minute))
	require.NoError(t, err)

	tell(t, db, alone, opened{"front", 1}, opened{"front", 2}, opened{"back", 1})
	tell(t, db, box, opened{"front", 3})
	later := time.Now()
	tell(t, db, alone, opened{"front", 4}, opened{"side", 1})

	s := survey(t, box, outbox.Filter{})
	require.WithinRange(t, s.Oldest, began, later)
	s.Oldest = time.Time{}
	require.Equal(t, outbox.Survey{Kept: 6, Addressed: 1, Late: 2, Deleted: 1}, s)
	require.EqualValues(t, 5, s.ToDo())
	require.EqualValues(t, 2, survey(t, box, outbox.Filter{Since: later}).Kept)
	require.EqualValues(t, 4, survey(t, box, outbox.Filter{Before: later}).Kept)
	require.Zero(t, survey(t, box, outbox.Filter{Names: []string{"house.Burnt"}}).Kept)

	n, err := box.Replay(t.Context(), "cat", outbox.Filter{Before: later})
	require.NoError(t, err)
	require.Equal(t, 3, n)
	s = survey(t, box, outbox.Filter{})
	require.EqualValues(t, []int64{6, 4, 0}, []int64{s.Kept, s.Addressed, s.Late})
}

// What is replayed comes after what was told before, in order, and what is told from then on after that.
func TestAReplayKeepsTheOrderOfEachKey(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	alone, box := outbox.New(db, nil), outbox.New(db, heardByCat)
	tell(t, db, alone, opened{"front", 1}, opened{"front", 2}, opened{"back", 1})
	tell(t, db, box, opened{"front", 3})
	_, err := box.Replay(t.Context(), "cat", outbox.Filter{})
	require.NoError(t, err)
	tell(t, db, box, opened{"front", 4})

	require.Equal(t, []string{
		`back/1 {"door":"back","time":1}`,
		`front/1 {"door":"front","time":3}`,
		`front/2 {"door":"front","time":1}`,
		`front/3 {"door":"front","time":2}`,
		`front/4 {"door":"front","time":4}`,
	}, told(t, box)())
}

func TestAReplayGoesOnWhereItWasStopped(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	box := outbox.New(db, heardByCat)
	var events []outbox.Event
	for n := range 50 {
		events = append(events, opened{fmt.Sprint(n % 3), n})
	}
	tell(t, db, outbox.New(db, nil), events...)

	for step, err := range box.ReplaySteps(t.Context(), "cat", outbox.Filter{}, 20) {
		require.NoError(t, err)
		require.Equal(t, 20, step)
		break
	}
	require.EqualValues(t, 30, survey(t, box, outbox.Filter{}).ToDo())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := box.Replay(ctx, "cat", outbox.Filter{})
	require.ErrorIs(t, err, context.Canceled)
	n, err := box.Replay(t.Context(), "cat", outbox.Filter{})
	require.NoError(t, err)
	require.Equal(t, 30, n)

	heard := told(t, box)()
	require.Len(t, heard, 50)
	for n := range 50 {
		require.Contains(t, heard, fmt.Sprintf(`%d/%d {"door":"%d","time":%d}`, n%3, n/3+1, n%3, n))
	}
}

// Several replays, the module itself and the deletion of old events get in nobody's way: each event is told
// once, under a number of its own, or was deleted before.
func TestReplaysAtTheSameTime(t *testing.T) {
	const events, live = 300, 60
	db := databasetest.Open(t, "house", nil)
	alone, box := outbox.New(db, nil), outbox.New(db, heardByCat)
	var old []time.Time
	for n := range events {
		tell(t, db, alone, opened{strconv.Itoa(n % 5), n})
		if n%10 == 0 {
			old = append(old, time.Now())
		}
	}
	deliver, replaying, once := told(t, box), make(chan struct{}), sync.Once{}

	var everybody sync.WaitGroup
	failed := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	for range 3 {
		everybody.Go(func() {
			for _, err := range box.ReplaySteps(context.Background(), "cat", outbox.Filter{}, 7) {
				failed(err)
				once.Do(func() { close(replaying) })
			}
		})
	}
	everybody.Go(func() {
		for n := range live {
			failed(db.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error {
				return box.Add(ctx, opened{strconv.Itoa(n % 5), events + n})
			}))
		}
	})
	purged := 0
	everybody.Go(func() {
		<-replaying
		for _, before := range old {
			n, err := box.Purge(context.Background(), before)
			failed(err)
			purged += n
		}
	})
	everybody.Wait()

	heard := deliver()
	require.Greater(t, len(heard), live, "nothing was replayed")
	lanes, times := map[string]int{}, map[string]bool{}
	for _, line := range heard {
		lane, _, _ := strings.Cut(line, "/")
		lanes[lane]++
		_, payload, _ := strings.Cut(line, " ")
		require.False(t, times[payload], "told twice: %s", line)
		times[payload] = true
	}
	for lane, n := range lanes {
		for number := range n {
			require.True(t, slices.ContainsFunc(heard, func(line string) bool {
				return strings.HasPrefix(line, fmt.Sprintf("%s/%d ", lane, number+1))
			}), "number %d of lane %s is missing", number+1, lane)
		}
	}
	var last int64
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_lanes").Where("dest = 'cat'").Select("SUM(last_n)").Scan(&last).Error
	}))
	require.EqualValues(t, len(heard), last)
	t.Logf("%d told, %d deleted", len(heard), purged)
}

// Old events that are being replayed while they are looked for are still to be delivered, and stay.
func TestWhatIsBeingReplayedIsNotDeleted(t *testing.T) {
	db := databasetest.Open(t, "house", nil)
	box := outbox.New(db, heardByCat)
	tell(t, db, outbox.New(db, nil), opened{"front", 1})
	old, once := time.Now().Add(time.Hour), sync.Once{}
	var purge sync.WaitGroup

	require.NoError(t, db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
		_, err := box.Replay(ctx, "cat", outbox.Filter{})
		once.Do(func() {
			purge.Go(func() {
				n, err := box.Purge(context.Background(), old)
				if n != 0 || err != nil {
					t.Errorf("%d deleted, error %v", n, err)
				}
			})
			time.Sleep(100 * time.Millisecond) // time for the other to find the event, for nothing of ours is committed
		})
		return err
	}))
	purge.Wait()

	require.Len(t, told(t, box)(), 1)
}

// On a server a replay from outside leaves what it addresses to whoever is there to deliver it.
func TestAReplayFromOutsideIsDeliveredByWhoeverIsThere(t *testing.T) {
	places := databasetest.Places(t)
	inside, outside := databasetest.Reopen(t, places, "house", nil), (*database.DB)(nil)
	t.Cleanup(func() { require.NoError(t, inside.Close()) })
	tell(t, inside, outbox.New(inside, nil), opened{"front", 1})
	deliver := told(t, outbox.New(inside, nil))
	place, err := places("house")
	require.NoError(t, err)
	outside, err = database.Attach(t.Context(), "house", place)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, outside.Close()) })

	n, err := outbox.New(outside, heardByCat).Replay(t.Context(), "cat", outbox.Filter{})
	require.NoError(t, err)
	require.Equal(t, 1, n)

	require.Len(t, deliver(), 1, "while the other is still there")
}
