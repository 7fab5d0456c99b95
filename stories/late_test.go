package stories

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// What the operator's command says of a replay.
type eventReplay struct {
	Kept      int64 `json:"kept"`
	Addressed int64 `json:"addressed"`
	ToDo      int64 `json:"to_do"`
	Late      int64 `json:"late"`
	Deleted   int64 `json:"deleted"`
	Complete  bool  `json:"complete"`
	Replayed  int64 `json:"replayed"`
}

// unheard is an event that ordering announced before notifications listened to it.
func (v visitor) unheard(name, orderID string) planted {
	payload, err := json.Marshal(map[string]any{"order_id": orderID, "customer_id": v.id, "total": amount{100, "GBP"}})
	require.NoError(v.shop.t, err)
	return planted{name, orderID, payload}
}

// Notifications has heard some of what ordering keeps, and is told the rest: beside the running shop, with an
// interruption, and with the shop stopped. Nothing is told twice.
func TestALateSubscriberIsFilled(t *testing.T) {
	t.Parallel()
	const many = 120
	shop := operated(t, "PANGAEA_CARRIER=manual")
	staff, ada := shop.staff(), shop.customer("ada")
	staff.sells("JUG", 900, 10)
	placed := ada.place("tok_approve", "JUG", 1)
	ada.becomes(placed.ID, "paid")
	shop.plant(outbox.Manifest{}, ada.unheard("ordering.CancellationRefused", placed.ID))
	parcel := ada.shipment(placed.ID)
	for _, step := range []string{"dispatch", "deliver"} {
		staff.call(http.MethodPost, "/api/v1/shipments/"+parcel.ID+"/"+step, nil).expect(t, http.StatusOK)
	}
	ada.becomes(placed.ID, "delivered")
	var events []outbox.Event
	for n := range many {
		events = append(events, ada.unheard("ordering.OrderConfirmed", fmt.Sprintf("order-%d", n)))
	}
	shop.plant(outbox.Manifest{}, events...)
	eventually(t, func() bool { return shop.heardOf() == 3 }, "notifications does not hear of the order")

	// Counted first: what the order's customer was told is addressed, and one event comes after a later one.
	replay := []string{"events", "replay", "--from", "ordering", "--to", "notifications", "--since", "1h"}
	counted := operate[eventReplay](shop, 0, append(replay, "--dry-run")...)
	require.Equal(t, eventReplay{Kept: many + 4, Addressed: 3, ToDo: many + 1, Late: 1, Complete: true}, counted)
	require.EqualValues(t, 1, operate[eventReplay](shop, 0, append(replay, "--dry-run", "--event", "ordering.CancellationRefused")...).ToDo)
	require.EqualValues(t, 3, shop.heardOf())

	// Interrupted, it has done a part.
	done := shop.interrupted(func() bool { return shop.heardOf() > 3 }, append(replay, "--rate", "20/s")...)
	require.Positive(t, done)
	require.Less(t, done, counted.ToDo)

	// The second time it goes on where it was, no faster than it may.
	began := time.Now()
	rest := operate[eventReplay](shop, 0, append(replay, "--rate", "100/s")...)
	require.Equal(t, counted.ToDo-done, rest.Replayed)
	require.GreaterOrEqual(t, time.Since(began), time.Duration(rest.Replayed)*10*time.Millisecond)
	eventually(t, func() bool { return shop.heardOf() == many+4 }, "notifications does not hear everything")
	out, code := shop.pangaea(replay...)
	require.Zero(t, code, out)
	require.Contains(t, out, "There is nothing to do.")

	// With the shop stopped, the next one delivers.
	shop.plant(outbox.Manifest{}, ada.unheard("ordering.OrderConfirmed", "one more"))
	shop.stop()
	require.EqualValues(t, 1, operate[eventReplay](shop, 0, replay...).Replayed)
	shop.start()
	eventually(t, func() bool { return shop.heardOf() == many+5 }, "what was addressed while the shop was stopped is not delivered")
	require.EqualValues(t, many+5, shop.addressed(), "an event has one number")
	require.Empty(t, shop.letters("--state", "all").Letters)
	actions, details := shop.deeds("ordering")
	require.Equal(t, []string{"events.replay", "events.replay", "events.replay"}, actions)
	require.Equal(t, strconv.Itoa(many+1), details[0]["to_do"])
	shop.isSound()
}

// What the retention has taken away is said, and not promised.
func TestAReplaySaysWhatIsNotThereAnyMore(t *testing.T) {
	t.Parallel()
	shop := operated(t, "PANGAEA_DEMO=off")
	ada := shop.customer("ada")
	for n := range 3 {
		shop.plant(outbox.Manifest{}, ada.unheard("ordering.OrderConfirmed", fmt.Sprintf("order-%d", n)))
	}
	shop.beside("ordering", func(db *database.DB) { // as its age does
		require.NoError(t, db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return tx.Exec("DELETE FROM outbox_events WHERE event_key = 'order-0'").Error
		}))
	})
	replay := []string{"events", "replay", "--from", "ordering", "--to", "notifications", "--dry-run"}

	require.Equal(t, eventReplay{Kept: 2, ToDo: 2, Deleted: 1}, operate[eventReplay](shop, 0, append(replay, "--since", "30d")...))
	out, code := shop.pangaea(replay...)
	require.Zero(t, code, out)
	require.Contains(t, out, "cannot be replayed")
	require.True(t, operate[eventReplay](shop, 0, append(replay, "--since", "0s")...).Complete)

	shop.refuses(2, "from ordering it hears", "events", "replay", "--from", "ordering", "--to", "notifications", "--event", "ordering.OrderPlaced")
	shop.refuses(2, "hears nothing from ordering", "events", "replay", "--from", "ordering", "--to", "catalog")
	shop.refuses(2, "--rate", "events", "replay", "--from", "ordering", "--to", "notifications", "--rate", "fast")
}

// interrupted runs the operator's command until something has happened, and returns how much it says it did.
func (s *shop) interrupted(when func() bool, args ...string) int64 {
	s.t.Helper()
	var out lockedBuffer
	command := exec.Command(binary(s.t, "pangaea"), args...)
	command.Env, command.Stdout, command.Stderr = s.env, &out, &out
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(s.t, command.Start())
	eventually(s.t, when, "nothing happens: %s", &out)
	require.NoError(s.t, command.Process.Signal(syscall.SIGINT))
	require.Error(s.t, command.Wait(), out.String())
	require.Equal(s.t, 1, command.ProcessState.ExitCode(), out.String())
	said := regexp.MustCompile(`interrupted after (\d+) of \d+: run it again`).FindStringSubmatch(out.String())
	require.NotNil(s.t, said, out.String())
	n, err := strconv.ParseInt(said[1], 10, 64)
	require.NoError(s.t, err)
	return n
}

// heardOf is how many events of ordering notifications has applied, each under its number.
func (s *shop) heardOf() int64 { return s.sum("notifications", "inbox_lanes", "source = 'ordering'") }

// addressed is how many numbers ordering has given to events for notifications.
func (s *shop) addressed() int64 { return s.sum("ordering", "outbox_lanes", "dest = 'notifications'") }

func (s *shop) sum(module, table, where string) (n int64) {
	s.t.Helper()
	s.looks(module, func(tx *gorm.DB) error {
		return tx.Table(table).Where(where).Select("COALESCE(SUM(last_n), 0)").Scan(&n).Error
	})
	return n
}
