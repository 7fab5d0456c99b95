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
	"github.com/stretchr/testify/require"
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
					<-time.After(time.Duration(b.random.IntN(60)) * time.Millisecond) // looks around
					break
				}
				continue // the answer was lost on the way, for all the shop knows
			}
			if err == nil && got.status < 500 && got.status != http.StatusConflict && got.status != http.StatusTooManyRequests {
				b.shop.t.Errorf("an order is refused: %d %s", got.status, got.body)
				return
			}
			<-time.After(20 * time.Millisecond)
		}
	}
}

// Thirty power cuts at random moments, while eight customers order and repeat what nobody answered.
func TestNothingIsLostToPowerCuts(t *testing.T) {
	kills := 30
	if text := os.Getenv("PANGAEA_KILLS"); text != "" {
		var err error
		kills, err = strconv.Atoi(text)
		require.NoError(t, err, "PANGAEA_KILLS")
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("PANGAEA_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "PANGAEA_SEED")
	}
	t.Logf("PANGAEA_SEED=%d", seed)
	random := rand.New(rand.NewPCG(seed, 1))

	shop := open(t)
	shop.staff().sells("KNOB", 150, 1_000_000)
	var inFlight atomic.Int64
	var stopped atomic.Bool
	var wait sync.WaitGroup
	buyers := make([]*buyer, 8)
	for i := range buyers {
		buyers[i] = &buyer{
			visitor: shop.customer("buyer"), inFlight: &inFlight, stopped: &stopped, orders: map[string]string{},
			cards: []string{"tok_approve", "tok_approve", "tok_approve", "tok_decline", "tok_twice", "tok_capture_fail"}, random: rand.New(rand.NewPCG(seed, uint64(i+2))),
		}
		wait.Go(buyers[i].buy)
	}

	var refused, slowest float64
	for kill := 0; kill < kills; {
		<-time.After(time.Duration(100+random.IntN(500)) * time.Millisecond)
		busy := inFlight.Load() > 0
		refused += shop.metric(duplicates)
		shop.kill()
		ready := shop.start()
		slowest = max(slowest, ready.Seconds())
		if !raceEnabled { // which makes a start several times as slow
			require.Less(t, ready, 5*time.Second, "ready again")
		}
		shop.isSound()
		if busy { // a cut in an idle moment proves nothing
			kill++
		}
	}
	stopped.Store(true)
	wait.Wait()

	staff := shop.staff()
	acknowledged := map[string]bool{}
	for _, buyer := range buyers {
		for _, id := range buyer.orders {
			require.False(t, acknowledged[id], "two keys gave order %s", id)
			acknowledged[id] = true
		}
	}
	var all []order
	require.Eventually(t, func() bool {
		all = staff.orders()
		return !slices.ContainsFunc(all, func(o order) bool { return !o.Settled })
	}, 4*patience, time.Second, "some orders do not end")
	for _, order := range all {
		require.True(t, acknowledged[order.ID], "order %s was never acknowledged: it is a double", order.ID)
	}
	require.Len(t, all, len(acknowledged), "an acknowledged order is lost")
	shop.isSound()
	refused += shop.metric(duplicates)
	t.Logf("%d kills, %d orders, %.0f duplicate deliveries refused, ready again after at most %.2f s", kills, len(all), refused, slowest)
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

// metric sums a metric over its labels; 0 if nobody answers.
func (s *shop) metric(name string) (sum float64) {
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
