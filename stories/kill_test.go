package stories

import (
	"bufio"
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// duplicates counts deliveries that the inbox had already handled and refused.
const duplicates = "pangaea_inbox_duplicates_total"

// A buyer orders again and again, and repeats each request with its key until somebody answers.
type buyer struct {
	visitor
	inFlight *atomic.Int64
	stopped  *atomic.Bool
	orders   map[string]string // key → id of the order that was acknowledged
	cards    []string
	random   *rand.Rand
	leisure  time.Duration // at most, between two orders
}

func (b *buyer) buy() {
	for !b.stopped.Load() {
		key := uuid.NewString()
		body := basket(b.cards[b.random.IntN(len(b.cards))], "KNOB", 1+b.random.Int64N(3))
		for {
			b.inFlight.Add(1)
			got, err := b.try(http.MethodPost, "/api/v1/orders", body, "Idempotency-Key", key)
			b.inFlight.Add(-1)
			var placed order
			if err == nil && got.status == http.StatusAccepted && json.Unmarshal(got.body, &placed) == nil {
				if before, ok := b.orders[key]; ok && before != placed.ID {
					b.shop.t.Errorf("key %s gave order %s and order %s", key, before, placed.ID)
				}
				repeated := b.orders[key] != ""
				b.orders[key] = placed.ID
				if repeated || b.random.IntN(4) > 0 {
					<-time.After(time.Duration(b.random.Int64N(int64(b.leisure)))) // looks around
					break
				}
				continue // the answer was lost on the way, for all the shop knows
			}
			if err == nil && got.status == http.StatusUnauthorized {
				b.signsIn()
				continue
			}
			if err == nil && got.status < 500 && got.status != http.StatusConflict && got.status != http.StatusTooManyRequests {
				b.shop.t.Errorf("an order is refused: %d %s", got.status, got.body)
				return
			}
			<-time.After(20 * time.Millisecond)
		}
	}
}

// A crowd is customers who order and repeat what nobody answered, at one or several doors of the same shop.
type crowd struct {
	buyers   []*buyer
	inFlight atomic.Int64
	stopped  atomic.Bool
	buying   sync.WaitGroup
}

// gather has eight customers buy. What they do follows from the seed.
func gather(seed uint64, doors ...*shop) *crowd {
	doors[0].staff().sells("KNOB", 150, 1_000_000)
	c, leisure := &crowd{}, 60*time.Millisecond
	if databasetest.Dialect() != database.SQLite {
		leisure = 100 * time.Millisecond // several shops share the processors with their server
	}
	for i := range 8 {
		b := &buyer{
			visitor: doors[i%len(doors)].customer("buyer"), inFlight: &c.inFlight, stopped: &c.stopped, orders: map[string]string{},
			cards:  []string{"tok_approve", "tok_approve", "tok_approve", "tok_decline", "tok_twice", "tok_capture_fail"},
			random: rand.New(rand.NewPCG(seed, uint64(i+2))), leisure: leisure,
		}
		c.buyers = append(c.buyers, b)
		c.buying.Go(b.buy)
	}
	return c
}

// busy reports whether somebody waits for an answer: a fault in an idle moment proves nothing.
func (c *crowd) busy() bool { return c.inFlight.Load() > 0 }

// leaves waits until nobody orders any more and every order has ended, and returns how many there are. What
// was acknowledged is there, once, and nothing else is.
func (c *crowd) leaves(door *shop) int {
	t := door.t
	t.Helper()
	c.stopped.Store(true)
	c.buying.Wait()
	acknowledged := map[string]bool{}
	for _, b := range c.buyers {
		for _, id := range b.orders {
			require.False(t, acknowledged[id], "two keys gave order %s", id)
			acknowledged[id] = true
		}
	}
	staff := door.staff()
	var all, left []order
	if !assert.Eventually(t, func() bool {
		all = staff.orders()
		left = slices.DeleteFunc(slices.Clone(all), func(o order) bool { return o.Settled })
		return len(left) == 0
	}, 4*patience, time.Second) {
		letters, _ := door.pangaea("deadletters", "list", "--state", "all")
		require.FailNowf(t, "some orders do not end", "%d of %d, such as %+v\n%s", len(left), len(all), left[:min(3, len(left))], letters)
	}
	for _, order := range all {
		require.True(t, acknowledged[order.ID], "order %s was never acknowledged: it is a double", order.ID)
	}
	require.Len(t, all, len(acknowledged), "an acknowledged order is lost")
	door.isSound()
	return len(all)
}

// faults is how many a story provokes, and the seed that decides when and which.
func faults(t *testing.T) (count int, seed uint64) {
	t.Helper()
	count, seed = 30, uint64(time.Now().UnixNano())
	if text := os.Getenv("PANGAEA_KILLS"); text != "" {
		var err error
		count, err = strconv.Atoi(text)
		require.NoError(t, err, "PANGAEA_KILLS")
	}
	if text := os.Getenv("PANGAEA_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "PANGAEA_SEED")
	}
	t.Logf("PANGAEA_SEED=%d", seed)
	return count, seed
}

// Thirty power cuts at random moments, while eight customers order and repeat what nobody answered.
func TestNothingIsLostToPowerCuts(t *testing.T) {
	kills, seed := faults(t)
	random := rand.New(rand.NewPCG(seed, 1))
	shop := open(t)
	customers := gather(seed, shop)

	var refused, slowest float64
	for kill := 0; kill < kills; {
		<-time.After(time.Duration(100+random.IntN(500)) * time.Millisecond)
		busy := customers.busy()
		refused += shop.metric(duplicates)
		shop.kill()
		ready := shop.start()
		slowest = max(slowest, ready.Seconds())
		if !raceEnabled { // which makes a start several times as slow
			require.Less(t, ready, 5*time.Second, "ready again")
		}
		shop.isSound()
		if busy {
			kill++
		}
	}
	orders := customers.leaves(shop)
	refused += shop.metric(duplicates)
	t.Logf("%d kills, %d orders, %.0f duplicate deliveries refused, ready again after at most %.2f s", kills, orders, refused, slowest)
	require.Positive(t, refused, "no delivery was ever repeated: the run proves nothing, repeat it")
}

// orders reads all pages of the list of orders.
func (v visitor) orders() (all []order) {
	v.shop.t.Helper()
	for token := ""; ; {
		part := get[page[order]](v, "/api/v1/orders?page_size=200&page_token="+token)
		all = append(all, part.Items...)
		if token = part.NextPageToken; token == "" {
			return all
		}
	}
}

// metric sums a metric over all processes and its labels; what nobody answers counts as 0.
func (s *shop) metric(name string) (sum float64) {
	for _, door := range s.doors {
		sum += (&shop{t: s.t, url: door}).measures(name)
	}
	return sum
}

func (s *shop) measures(name string) (sum float64) {
	got, err := s.nobody().try(http.MethodGet, "/metrics", nil)
	if err != nil {
		return 0
	}
	for lines := bufio.NewScanner(bytes.NewReader(got.body)); lines.Scan(); {
		series, value, _ := strings.Cut(lines.Text(), " ")
		if label, _, _ := strings.Cut(series, "{"); label == name {
			number, _ := strconv.ParseFloat(value, 64)
			sum += number
		}
	}
	return sum
}
