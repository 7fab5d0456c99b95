package stories

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

const keyHeader = "Idempotency-Key"

// keyed are the operations that ask for an Idempotency-Key.
func keyed(operations []operation) []operation {
	return slices.DeleteFunc(slices.Clone(operations), func(o operation) bool {
		return o.Parameters.GetByInAndName("header", keyHeader) == nil
	})
}

// replays expects an answer that was given before, byte for byte, and that it says so.
func (a answer) replays(t testing.TB, first answer) {
	t.Helper()
	require.Equal(t, "true", a.header.Get("Idempotent-Replayed"), "%d %s", a.status, a.body)
	require.Equal(t, first.status, a.status, "%s", a.body)
	require.Equal(t, string(first.body), string(a.body))
	own := []string{"Date", "X-Request-Id", "Idempotent-Replayed"} // every answer has its own
	for _, headers := range []http.Header{first.header, a.header} {
		for name := range headers {
			if !slices.Contains(own, name) {
				require.Equal(t, first.header[name], a.header[name], name)
			}
		}
	}
}

// Whatever asks for a key happens once per key, caller and route, and is answered the same every time.
func TestTheSameRequestAgainChangesNothing(t *testing.T) {
	t.Parallel()
	shop, staff, ada := peopled(t)
	operations := shop.operations()
	world := staff.explores(operations)
	watch := shop.witness()
	fresh := ada.place("tok_approve", "KNOB", 3) // still nobody asked to return it
	world.things["orders"] = fresh.ID
	world.values["line_id"] = ada.becomes(fresh.ID, "delivered").Lines[0].LineID
	waiting := ada.place("tok_timeout", "KNOB", 1)

	asking := keyed(operations)
	require.GreaterOrEqual(t, len(asking), 4, "placing, cancelling, returning and receipts ask for a key")
	firsts := map[string]answer{}
	requests := map[string]request{}
	key := uuid.NewString() // the same for every operation: they do not get in each other's way
	for _, o := range asking {
		r := world.request(o, nil)
		if strings.HasSuffix(o.path, "/cancel") {
			r.segments["id"] = waiting.ID
		}
		by := ada
		if o.access == "staff" {
			by = staff
		}
		watch.settles()
		missing := r.clone()
		delete(missing.headers, keyHeader)
		refusal := by.sends(missing).expect(t, http.StatusBadRequest)
		require.Equal(t, "urn:pangaea:problem:idempotency-key-required", refusal.Type)
		require.Empty(t, watch.changes())

		r.headers[keyHeader] = key
		first := by.sends(r)
		require.Less(t, first.status, 300, "%s: %s", o, first.body)
		require.Empty(t, first.header.Get("Idempotent-Replayed"))
		var placed order
		if json.Unmarshal(first.body, &placed) == nil && placed.Status == "placed" {
			ada.settles(placed.ID)
		}
		watch.settles()
		for range 3 {
			by.sends(r).replays(t, first)
		}
		by.reuses(t, r)
		require.Empty(t, watch.changes(), "%s again", o)
		firsts[o.String()], requests[o.String()] = first, r
	}

	// Neither a restart nor what became of it meanwhile changes the answer.
	shop.stop()
	shop.start()
	watch.settles()
	for _, o := range asking {
		by := ada
		if o.access == "staff" {
			by = staff
		}
		by.sends(requests[o.String()]).replays(t, firsts[o.String()])
	}
	require.Empty(t, watch.changes())

	// Somebody else's key of the same name is another key.
	bob := shop.customer("bob")
	place := requests["POST /api/v1/orders"]
	bobs, again := order{}, bob.sends(place)
	again.into(t, http.StatusAccepted, &bobs)
	require.NotContains(t, string(firsts["POST /api/v1/orders"].body), bobs.ID)
	require.Equal(t, bob.id, bobs.CustomerID)
	bob.sends(place).replays(t, again)
}

// reuses expects that a key which was used is good for nothing else.
func (v visitor) reuses(t testing.TB, used request) {
	t.Helper()
	changed := used
	if changed.content = append(slices.Clone(used.content), ' '); used.body() == nil {
		changed.content = []byte(`{"a":1}`)
	}
	refusal := v.sends(changed).expect(t, http.StatusUnprocessableEntity)
	require.Equal(t, "urn:pangaea:problem:idempotency-key-reused", refusal.Type)
	require.Equal(t, keyHeader, refusal.Errors[0].Field)
	if id, ok := used.segments["id"]; ok {
		changed = used
		changed.segments = map[string]string{"id": strings.ToUpper(id)}
		v.sends(changed).expect(t, http.StatusUnprocessableEntity)
	}
}

// A request that was refused leaves its key free for the right one.
func TestARefusalLeavesTheKeyFree(t *testing.T) {
	t.Parallel()
	shop := open(t)
	shop.staff().sells("KNOB", 150, 10)
	ada, key := shop.customer("ada"), uuid.NewString()

	ada.call(http.MethodPost, "/api/v1/orders", basket("tok_approve", "NO-SUCH-THING", 1), keyHeader, key).refused(t)
	var placed order
	first := ada.call(http.MethodPost, "/api/v1/orders", basket("tok_approve", "KNOB", 1), keyHeader, key)
	first.into(t, http.StatusAccepted, &placed)
	ada.becomes(placed.ID, "delivered")
	again := ada.call(http.MethodPost, "/api/v1/orders", basket("tok_approve", "KNOB", 1), keyHeader, key)
	again.replays(t, first)
}

// Many send the same at once: one order is made, and everybody is told of that one, or to wait.
func TestTheSameRequestManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	shop := open(t)
	shop.staff().sells("KNOB", 150, 1000)
	ada := shop.customer("ada")
	const rounds, hands = 12, 12
	for round := range rounds {
		key, answers := uuid.NewString(), make([]answer, hands)
		var wait sync.WaitGroup
		for hand := range hands {
			body := basket("tok_approve", "KNOB", 1)
			if round%3 == 2 && hand%2 == 1 {
				body = basket("tok_approve", "KNOB", 2)
			}
			wait.Go(func() { answers[hand], _ = ada.try(http.MethodPost, "/api/v1/orders", body, keyHeader, key) })
		}
		wait.Wait()
		var first []answer
		for _, got := range answers {
			if got.status == http.StatusAccepted && got.header.Get("Idempotent-Replayed") == "" {
				first = append(first, got)
			}
		}
		require.Len(t, first, 1, "how many were taken")
		for hand, got := range answers {
			switch got.status {
			case http.StatusAccepted:
				require.Equal(t, string(first[0].body), string(got.body))
			case http.StatusConflict:
				require.Equal(t, "urn:pangaea:problem:request-in-flight", got.expect(t, http.StatusConflict).Type)
				require.NotEmpty(t, got.header.Get("Retry-After"))
			default:
				require.True(t, round%3 == 2, "hand %d: %d %s", hand, got.status, got.body)
				require.Equal(t, "urn:pangaea:problem:idempotency-key-reused", got.expect(t, http.StatusUnprocessableEntity).Type)
			}
		}
	}
	require.Len(t, ada.orders(), rounds)
}

// The process is killed when an order is committed and its answer is not yet sent, or nearly then. Whoever
// repeats the request gets the order that exists.
func TestAnAnswerLostToAPowerCutCanBeHadAgain(t *testing.T) {
	t.Parallel()
	const most, enough, hands = 30, 5, 16
	shop := open(t)
	shop.staff().sells("KNOB", 150, 1_000_000)
	ada, watch := shop.customer("ada"), shop.witness()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))

	answered, lost, cuts := map[string]answer{}, 0, 0
	for ; cuts < most && lost < enough; cuts++ {
		keys, answers, sent := make([]string, hands), make([]answer, hands), sync.WaitGroup{}
		before := watch.rowsOf("ordering", "idempotency_keys")
		for i := range keys {
			keys[i] = uuid.NewString()
			sent.Go(func() {
				answers[i], _ = ada.try(http.MethodPost, "/api/v1/orders", basket("tok_approve", "KNOB", 1), keyHeader, keys[i])
			})
		}
		delay := time.Duration(random.IntN(300)) * time.Microsecond // about what it takes to answer
		for since := time.Now(); watch.rowsOf("ordering", "idempotency_keys") == before && time.Since(since) < patience; {
		}
		for committed := time.Now(); time.Since(committed) < delay; {
		}
		shop.kill()
		sent.Wait()
		shop.start()
		for i, key := range keys {
			var again answer
			eventually(t, func() bool {
				var err error
				again, err = ada.try(http.MethodPost, "/api/v1/orders", basket("tok_approve", "KNOB", 1), keyHeader, key)
				return err == nil && again.status != http.StatusConflict
			}, "nobody answers")
			require.Equal(t, http.StatusAccepted, again.status, "%s", again.body)
			if answers[i].status == http.StatusAccepted {
				again.replays(t, answers[i])
			} else if again.header.Get("Idempotent-Replayed") != "" {
				lost++
			}
			answered[key] = again
		}
	}
	require.GreaterOrEqual(t, lost, 1, "no answer was lost on its way in %d cuts: the run proves nothing, repeat it", cuts)
	orders := ada.orders()
	t.Logf("%d cuts, %d answers lost and had again, %d orders", cuts, lost, len(orders))
	require.Len(t, orders, len(answered), "as many orders as keys")
	for _, got := range answered {
		require.True(t, slices.ContainsFunc(orders, func(o order) bool { return strings.Contains(string(got.body), o.ID) }), "%s", got.body)
	}
	for _, o := range orders {
		ada.settles(o.ID)
	}
	shop.isSound()
}
