package stories

import (
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// Two shops on one database: what one of them has begun the other ends, when the first is gone.
func TestAnotherProcessTakesOver(t *testing.T) {
	if databasetest.Dialect() == database.SQLite {
		return // its files are one process's own
	}
	one := open(t)
	other := one.twin()
	one.staff().sells("TILE", 250, 1000)
	ada := one.customer("ada")

	var slowest time.Duration
	for range 3 {
		var placed []string
		for range 20 {
			placed = append(placed, ada.place("tok_approve", "TILE", 1).ID)
		}
		one.kill()
		began := time.Now()
		there := ada.at(other)
		eventually(t, func() bool {
			return !slices.ContainsFunc(placed, func(id string) bool {
				return get[order](there, "/api/v1/orders/"+id).Status != "delivered"
			})
		}, "the orders of the shop that is gone are not ended by the other one")
		slowest = max(slowest, time.Since(began))
		other.isSound()
		one, other = other, one
		other.start()
		ada = there
	}
	t.Logf("everything was ended at most %s after a shop had been killed", slowest.Round(time.Millisecond))
}

// A process that is stopped for longer than its lease looks gone. It goes on where it was, with what others have
// done meanwhile in its memory as if nobody had.
func TestAProcessThatWasOnlySlowComesBack(t *testing.T) {
	if databasetest.Dialect() == database.SQLite {
		return
	}
	one := open(t)
	doors := []*shop{one, one.twin()}
	customers := gather(1, doors...)

	const news = "taking over from a process that is gone"
	for i, slow := range doors {
		other := doors[1-i]
		eventually(t, customers.busy, "nobody buys")
		told := func() int { return strings.Count(other.out.String(), news) }
		before := told()
		require.NoError(t, slow.proc.Process.Signal(syscall.SIGSTOP))
		tookOver := assert.Eventually(t, func() bool { return told() > before }, patience, 10*time.Millisecond)
		require.NoError(t, slow.proc.Process.Signal(syscall.SIGCONT))
		require.True(t, tookOver, "nobody takes over from a shop that is stopped")
		slow.ready()
	}
	orders := customers.leaves(one)
	doors[1].isSound()
	t.Logf("%d orders, %.0f duplicate deliveries refused", orders, one.metric(duplicates)+doors[1].metric(duplicates))
}

// An answer that one process has given the other one repeats.
func TestTwoProcessesAnswerAsOne(t *testing.T) {
	if databasetest.Dialect() == database.SQLite {
		return
	}
	one := open(t)
	other := one.twin()
	one.staff().sells("DISH", 900, 50)
	ada := one.customer("ada")
	body := basket("tok_approve", "DISH", 2)
	first := ada.call(http.MethodPost, "/api/v1/orders", body, "Idempotency-Key", "the-same")
	second := ada.at(other).call(http.MethodPost, "/api/v1/orders", body, "Idempotency-Key", "the-same")
	first.expect(t, http.StatusAccepted)
	require.Equal(t, string(first.body), string(second.body))
	require.Len(t, ada.at(other).orders(), 1)
	ada.at(other).becomes(get[page[order]](ada, "/api/v1/orders").Items[0].ID, "delivered")
	one.isSound()
}

// at is the same visitor at another door of the shop.
func (v visitor) at(door *shop) visitor {
	v.shop = door
	return v
}
