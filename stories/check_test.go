package stories

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A checked shop is one that has stopped after orders came to every kind of end, with what its orders are
// called in the fixtures.
type checked struct {
	*shop
	names map[string]string
}

// everyEnd leads orders to every kind of end and stops the shop when nothing is under way but what waits
// for somebody.
func everyEnd(t *testing.T) checked {
	s := checked{open(t, "PANGAEA_CHECKOUT_DEADLINE=1h"), map[string]string{"sku": "BOWL"}}
	staff, ada := s.staff(), s.customer("ada")
	staff.sells("BOWL", 1250, 100)

	placed := ada.place("tok_approve", "BOWL", 2)
	ada.becomes(placed.ID, "delivered")
	s.call(ada, "delivered", placed)

	placed = ada.place("tok_approve", "BOWL", 3)
	arrived := ada.becomes(placed.ID, "delivered")
	back := post[goodsReturn](ada, "/api/v1/orders/"+placed.ID+"/returns", map[string]any{
		"items": []map[string]any{{"line_id": arrived.Lines[0].LineID, "quantity": 1}}, "reason": "it has a crack",
	}, http.StatusCreated)
	staff.call(http.MethodPost, "/api/v1/returns/"+back.ID+"/accept", nil).expect(t, http.StatusOK)
	ada.follow(placed.ID, "refunded", func(o order) bool { return o.Returns[0].Status == "refunded" })
	s.call(ada, "returned", placed)

	placed = ada.place("tok_capture_fail", "BOWL", 1)
	ada.settles(placed.ID)
	s.call(ada, "failed", placed)
	ada.settles(ada.place("tok_decline", "BOWL", 1).ID)
	ada.settles(ada.place("tok_approve", "BOWL", 1000).ID)

	s.stop()
	s.env = append(s.env, "PANGAEA_CARRIER=manual")
	s.start()

	placed = ada.place("tok_approve", "BOWL", 1)
	ada.becomes(placed.ID, "paid")
	ada.shipment(placed.ID)
	ada.cancels(placed.ID).expect(t, http.StatusAccepted)
	ada.settles(placed.ID)
	s.call(ada, "cancelled", placed)

	placed = ada.place("tok_approve", "BOWL", 1)
	ada.becomes(placed.ID, "paid")
	ada.shipment(placed.ID)
	s.call(ada, "paid", placed)

	placed = ada.place("tok_timeout", "BOWL", 1)
	ada.becomes(placed.ID, "reserved")
	s.call(ada, "open", placed)

	eventually(t, func() bool { return s.underWay() == 2 }, "more is under way than the two orders that wait")
	s.stop()
	require.Equal(t, 2, s.underWay())
	return s
}

// call gives an order, its payment and its shipment a name.
func (s checked) call(owner visitor, name string, o order) {
	s.names[name] = o.ID
	for what, path := range map[string]string{"payment": "payments", "shipment": "shipments"} {
		for _, item := range get[page[shipment]](owner, "/api/v1/"+path+"?order_id="+o.ID).Items {
			s.names[name+"."+what] = item.ID
		}
	}
}

// underWay expects a sound shop and counts the orders that are under way.
func (s checked) underWay() int {
	s.t.Helper()
	out, code := s.pangaea("check", "--output", "json")
	require.Zero(s.t, code, out)
	var report struct {
		UnderWay int `json:"orders_under_way"`
	}
	require.NoError(s.t, json.Unmarshal([]byte(out), &report), out)
	return report.UnderWay
}

// header is a fixture's first line: the file it changes, what has to be named, and what happened.
var header = regexp.MustCompile(`^-- in (\S+), naming (\S+): .`)

// Each fixture breaks one invariant in a sound shop's databases, in the way its first line says.
func TestCheckFindsWhatWasTamperedWith(t *testing.T) {
	t.Parallel()
	shop := everyEnd(t)
	fixtures, err := filepath.Glob("testdata/tampering/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, fixtures)
	for _, path := range fixtures {
		name := strings.TrimSuffix(filepath.Base(path), ".sql")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			text := shop.named(string(content))
			said := header.FindStringSubmatch(text)
			require.NotNil(t, said, "the first line does not say what is done")
			copied := shop.copied(t, strings.TrimSuffix(said[1], ".db"))
			copied.tamper(text)

			out, code := copied.pangaea("check")

			require.Equal(t, 1, code, out)
			invariant, _, _ := strings.Cut(name, ".")
			require.Regexp(t, `(?m)^violated  `+regexp.QuoteMeta(invariant)+`  .*`+regexp.QuoteMeta(said[2]), out)
		})
	}
}

// named puts in a fixture's names.
func (s checked) named(text string) string {
	for name, id := range s.names {
		text = strings.ReplaceAll(text, "{"+name+"}", id)
	}
	return text
}

func TestCheckOfNothing(t *testing.T) {
	t.Parallel()
	shop := shop{t: t, env: os.Environ()}
	empty := t.TempDir()

	out, code := shop.pangaea("check", "--data-dir", empty)
	require.Zero(t, code, out)
	require.Contains(t, out, "nothing checked")

	missing := filepath.Join(empty, "nowhere")
	out, code = shop.pangaea("check", "--data-dir", missing)
	require.Equal(t, 2, code, out)
	require.Contains(t, out, missing)
	require.Equal(t, 1, strings.Count(out, "\n"), out)

	require.NoError(t, os.WriteFile(filepath.Join(empty, "something else"), nil, 0o600))
	out, code = shop.pangaea("check", "--data-dir", empty)
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "ordering.db")

	out, code = shop.pangaea("check", "--no-such-flag")
	require.Equal(t, 2, code, out)
}

func TestCheckOfAnEmptyShop(t *testing.T) {
	t.Parallel()
	shop := open(t, "PANGAEA_DEMO=off")
	out, code := shop.pangaea("check")
	require.Zero(t, code, out)
	require.Contains(t, out, "nothing checked")
}

func TestCheckOfAnotherVersion(t *testing.T) {
	t.Parallel()
	shop := open(t)
	shop.stop()
	shop.module("inventory").tamper("UPDATE schema_migrations SET version = version + 1;\n")
	out, code := shop.pangaea("check")
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "inventory")
	require.Contains(t, out, "start the newer program")
}

// While customers order, whatever the check finds was a moment between two parts; and a kill leaves many.
func TestCheckBesideCustomers(t *testing.T) {
	t.Parallel()
	shop := open(t)
	shop.staff().sells("KNOB", 150, 1_000_000)
	var inFlight atomic.Int64
	var stopped atomic.Bool
	var wait sync.WaitGroup
	for i := range 4 {
		customer := &buyer{
			visitor: shop.customer("buyer"), inFlight: &inFlight, stopped: &stopped, orders: map[string]string{},
			cards:  []string{"tok_approve", "tok_twice", "tok_decline", "tok_capture_fail"},
			random: rand.New(rand.NewPCG(1, uint64(i))), leisure: 60 * time.Millisecond,
		}
		wait.Go(customer.buy)
	}
	for range 5 {
		shop.isSound()
	}
	shop.kill()
	shop.isSound()
	stopped.Store(true)
	shop.start()
	wait.Wait()
	shop.isSound()
}
