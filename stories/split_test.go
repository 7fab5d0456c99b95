package stories

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// A shop of many processes, of which any one, what carries its messages, and connections fail at random moments:
// customers notice nothing, and the books of all databases agree.
func TestNothingIsLostToFaultsOfASplit(t *testing.T) {
	if !split() {
		return
	}
	count, seed := faults(t)
	random := rand.New(rand.NewPCG(seed, 1))
	var broker *rabbitmqtest.Broker
	var settings []string
	if !local() {
		require.True(t, rabbitmqtest.Installed(t))
		broker = rabbitmqtest.Own(t)
		settings = append(settings, "PANGAEA_BUS_URL="+broker.URL())
	}
	shop := open(t, settings...)
	shop.isSound()
	if broker != nil {
		broker.Restart() // a queue that is new does not survive what follows
		shop.ready()
	}
	customers := gather(seed, shop)

	began, seen, struck := time.Now(), map[string]int{}, map[string]int{}
	names := []string{"kill a process", "kill a process", "stop a process for a while", "stop a process for a while"}
	if broker != nil {
		names = append(names, "cut connections")
	}
	for fault := range count {
		<-time.After(time.Duration(200+random.IntN(600)) * time.Millisecond)
		name := names[random.IntN(len(names))]
		if broker != nil && fault%10 == 5 { // which takes several seconds to come back
			name = []string{"kill the broker", "stop the broker for a while"}[fault/10%2]
		}
		seen[name]++
		pids := shop.pids()
		victim := slices.Sorted(maps.Keys(pids))[random.IntN(len(pids))]
		switch name {
		case "kill a process":
			struck[victim]++
			require.NoError(t, syscall.Kill(pids[victim], syscall.SIGKILL))
		case "stop a process for a while":
			struck[victim]++
			require.NoError(t, syscall.Kill(pids[victim], syscall.SIGSTOP))
			<-time.After(time.Duration(200+random.IntN(1500)) * time.Millisecond)
			require.NoError(t, syscall.Kill(pids[victim], syscall.SIGCONT))
		case "kill the broker":
			broker.Kill()
			<-time.After(time.Second) // in which customers order all the same
			broker.Start()
		case "stop the broker for a while":
			broker.Signal(syscall.SIGSTOP)
			<-time.After(time.Second)
			broker.Signal(syscall.SIGCONT)
		case "cut connections":
			broker.Control("close_all_connections", "a test")
			shop.disconnect()
		}
		if fault%5 == 4 {
			shop.ready()
			shop.isSound()
		}
	}
	shop.ready()
	lasted := time.Since(began)
	orders := customers.leaves(shop)
	t.Logf("%v; processes %v; %d orders in %s, at least %.0f duplicate deliveries refused", seen, struck, orders, lasted.Round(time.Second), shop.metric(duplicates))
}

// disconnect ends a connection of every module to its database, where that is on a server.
func (s *shop) disconnect() {
	s.t.Helper()
	if databasetest.Dialect() != database.Postgres {
		return
	}
	db := databasetest.Connect(s.t, database.Postgres, s.server)
	defer func() { _ = db.Close() }()
	_, err := db.Exec(`SELECT pg_terminate_backend(pid) FROM (SELECT DISTINCT ON (application_name) pid FROM pg_stat_activity
		WHERE application_name LIKE 'pangaea %' AND datname = current_database() ORDER BY application_name, random()) AS victims`)
	require.NoError(s.t, err)
}

// All processes are restarted in turn while customers who repeat nothing order: none of them notices.
func TestARollingRestartRefusesNobody(t *testing.T) {
	if !split() {
		return
	}
	shop := open(t)
	shop.staff().sells("SPOON", 150, 1_000_000)
	former := shop.pids()
	var asked atomic.Int64
	var stopped atomic.Bool
	var buying sync.WaitGroup
	for range 4 {
		ada := shop.customer("ada")
		buying.Go(func() {
			ask := func(method, path string, body any, want int) answer {
				asked.Add(1)
				got, err := ada.try(method, path, body, "Idempotency-Key", uuid.NewString())
				if err != nil || got.status != want {
					t.Errorf("%s %s: %v %d %s", method, path, err, got.status, got.body)
				}
				return got
			}
			for !stopped.Load() {
				ask(http.MethodGet, "/api/v1/products?page_size=5", nil, http.StatusOK)
				var placed order
				if json.Unmarshal(ask(http.MethodPost, "/api/v1/orders", basket("tok_approve", "SPOON", 1), http.StatusAccepted).body, &placed) == nil {
					ask(http.MethodGet, "/api/v1/orders/"+placed.ID, nil, http.StatusOK)
				}
				ask(http.MethodGet, "/api/v1/stock/SPOON", nil, http.StatusOK)
				<-time.After(20 * time.Millisecond)
			}
		})
	}
	began := time.Now()
	require.NoError(t, shop.proc.Process.Signal(syscall.SIGUSR1))
	for strings.Count(shop.out.String(), "All processes were restarted") == 0 && time.Since(began) < 4*time.Minute && !t.Failed() {
		<-time.After(100 * time.Millisecond)
	}
	took := time.Since(began)
	stopped.Store(true)
	buying.Wait()
	require.Contains(t, shop.out.String(), "All processes were restarted")
	for name, pid := range shop.pids() {
		require.NotEqual(t, former[name], pid, name)
	}
	t.Logf("%d processes were restarted in %s, while %d requests were answered", len(former), took.Round(time.Millisecond), asked.Load())
	shop.isSound()
}
