package stories

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// inTime is how soon readiness says what customers see, in either direction.
const inTime = 10 * time.Second

// embedded keeps a shop's databases in its folder, whatever kind the other stories run on.
const embedded = "PANGAEA_DATABASE_URL="

func TestADiskWithoutRoom(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	shop := open(t, embedded, "PANGAEA_DATA_DIR="+disk.dir)
	shop.survives(func() { disk.fill(shop) }, func() { disk.clear(shop) })
}

func TestFilesThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	shop := open(t, embedded)
	shop.survives(func() { shop.limitFiles(0) }, func() { shop.limitFiles(unlimited) })
}

func TestADatabaseThatSomebodyElseHasLocked(t *testing.T) {
	t.Parallel()
	shop := open(t, embedded)
	var unlock func()
	shop.survives(func() { unlock = shop.lock("ordering") }, func() { unlock() })
}

// survives strikes a shop in which customers are buying, so that it can take no orders, and heals it.
// Readiness says so in time, everybody can look around meanwhile, and nothing is lost or half done.
func (s *shop) survives(strike, heal func()) {
	t := s.t
	t.Helper()
	customers := gather(1, s)
	ada := &patron{buyer: &buyer{visitor: s.customer("ada"), orders: map[string]string{}}}
	customers.buyers = append(customers.buyers, ada.buyer)
	ada.isServed()
	door := s.watched()

	struck := time.Now()
	strike()
	refused, unready := ada.isTurnedAway(), door.becomes(false)
	for _, path := range []string{"/healthz", "/", "/api/v1/products", "/api/v1/products/KNOB", "/api/v1/stock/KNOB", "/api/v1/orders", "/api/v1/accounts/me"} {
		require.Equal(t, http.StatusOK, ada.call(http.MethodGet, path, nil).status, path)
	}
	ada.isTurnedAway()

	healed := time.Now()
	heal()
	served, ready := ada.isServed(), door.becomes(true)
	t.Logf("orders are refused after %s and it says so after %s; they are accepted again after %s and it says so after %s; it took at most %s to say",
		refused.Sub(struck), unready.Sub(struck), served.Sub(healed), ready.Sub(healed), door.slow())
	if !raceEnabled { // which makes everything several times as slow
		require.Less(t, unready.Sub(refused), inTime)
		require.Less(t, served.Sub(healed), inTime)
		require.Less(t, ready.Sub(healed), inTime)
		require.Less(t, door.slow(), inTime)
	}
	customers.leaves(s)
}

// A patron wants to know whether orders are taken.
type patron struct {
	*buyer
	owed []string // keys of orders that were refused
}

// isTurnedAway orders until that cannot be done at the moment, and returns when it was told so.
func (p *patron) isTurnedAway() time.Time {
	p.shop.t.Helper()
	eventually(p.shop.t, func() bool { return !p.isTaken(uuid.NewString()) }, "orders are taken as if nothing had happened")
	return time.Now()
}

// isServed repeats what was refused until it is taken, and returns when it was.
func (p *patron) isServed() time.Time {
	p.shop.t.Helper()
	wanted := append(slices.Clone(p.owed), uuid.NewString())
	p.owed = nil
	for _, key := range wanted {
		eventually(p.shop.t, func() bool { return p.isTaken(key) }, "an order is not taken")
	}
	p.owed = nil
	return time.Now()
}

// isTaken orders once, under a key. Who refuses says that it may be tried again.
func (p *patron) isTaken(key string) bool {
	t := p.shop.t
	t.Helper()
	got := p.call(http.MethodPost, "/api/v1/orders", basket("tok_approve", "KNOB", 1), "Idempotency-Key", key)
	if got.status == http.StatusAccepted {
		var placed order
		got.into(t, http.StatusAccepted, &placed)
		p.orders[key] = placed.ID
		return true
	}
	p.owed = append(p.owed, key)
	why := strings.TrimPrefix(got.expect(t, http.StatusServiceUnavailable).Type, "urn:pangaea:problem:")
	require.Contains(t, []string{"unavailable", "outcome-unknown"}, why)
	return false
}

// The payments' database is locked: they hear nothing, and nobody is paid. The rest of the shop goes on, and
// whoever looks after it can see what stands still, and for how long.
func TestAModuleThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	shop := open(t, embedded, "PANGAEA_CHECKOUT_DEADLINE=10m", "PANGAEA_READY_BACKLOG_AGE=1s")
	shop.staff().sells("BELL", 700, 10)
	ada, door := shop.customer("ada"), shop.watched()
	const (
		oldestOrder = `pangaea_ordering_oldest_unfinished_seconds{stage="checkout"}`
		oldestEvent = `pangaea_outbox_oldest_seconds{destination="payments",module="ordering"}`
	)
	require.Zero(t, shop.series(oldestOrder))

	unlock := shop.lock("payments")
	placed := ada.place("tok_approve", "BELL", 1)
	ada.becomes(placed.ID, "reserved")
	door.becomes(false)
	eventually(t, func() bool {
		missing := shop.says().Missing
		return strings.Contains(missing["payments database"], "locked") && strings.Contains(missing["ordering outbox"], "payments lacks 1 events")
	}, "it is not said what stands still")
	for _, name := range []string{oldestOrder, oldestEvent} {
		before := shop.series(name)
		require.Positive(t, before, name)
		eventually(t, func() bool { return shop.series(name) > before+1 }, "%s does not grow", name)
	}
	require.Positive(t, shop.series(`pangaea_database_failing_since_timestamp_seconds{module="payments"}`))
	require.Zero(t, shop.series(`pangaea_database_failing_since_timestamp_seconds{module="ordering"}`))
	require.Zero(t, shop.series(`pangaea_ready{check="payments database"}`))
	require.InDelta(t, 1, shop.series(`pangaea_ready{check="ordering database"}`), 0)

	unlock()
	ada.becomes(placed.ID, "delivered")
	door.becomes(true)
	require.Zero(t, shop.series(oldestOrder))
	eventually(t, func() bool { return shop.series(oldestEvent) == 0 }, "the event is not delivered")
	shop.isSound()
}

func TestAShopThatNobodyCanReachEnds(t *testing.T) {
	t.Parallel()
	shop := open(t)

	shop.deafen()

	select {
	case <-shop.done:
	case <-time.After(patience):
		t.Fatal("it goes on")
	}
	require.Equal(t, 1, shop.proc.ProcessState.ExitCode())
	lines := strings.Split(strings.TrimSpace(shop.out.String()), "\n")
	require.Equal(t, "pangaea: HTTP ended by itself: accept tcp "+strings.TrimPrefix(shop.url, "http://")+": accept4: invalid argument", lines[len(lines)-1])
	shop.start()
	shop.isSound()
}

// readiness is what /readyz says, by name.
type readiness struct {
	Missing  map[string]string `json:"missing"`
	Concerns map[string]string `json:"concerns"`
}

// says is how ready the shop is.
func (s *shop) says() (now readiness) {
	s.t.Helper()
	require.NoError(s.t, json.Unmarshal(s.nobody().call(http.MethodGet, "/readyz", nil).body, &now))
	return now
}

// series is the value of one time series, written as /metrics writes it.
func (s *shop) series(name string) float64 {
	s.t.Helper()
	for line := range strings.Lines(string(s.nobody().call(http.MethodGet, "/metrics", nil).body)) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			var number float64
			require.NoError(s.t, json.Unmarshal([]byte(value), &number), line)
			return number
		}
	}
	s.t.Fatalf("nothing measures %s", name)
	return 0
}
