package idempotency_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/idempotency"
)

// TestInterleavings sends 10,000 requests, many at once, with few keys, two callers and two bodies, of
// which some fail; and demands one effect and one answer per caller and key.
func TestInterleavings(t *testing.T) {
	const rounds, callers = 200, 50
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := open(t)
	tokens := []string{s.token("ann"), s.token("bob")}
	var dice sync.Mutex
	random := rand.New(rand.NewPCG(seed, 1))
	throw := func(n int) int { dice.Lock(); defer dice.Unlock(); return random.IntN(n) }
	s.during = func(string) error {
		if throw(4) == 0 {
			return errors.New("the effect failed")
		}
		return nil
	}
	var seen history
	for round := range rounds {
		var wait sync.WaitGroup
		for range callers {
			user, key, body := throw(2), fmt.Sprint(round/2, "-", throw(12)), throw(8)/7
			wait.Go(func() {
				label := fmt.Sprint(user, "/", key, "/", body)
				answer := s.post(tokens[user], "kew", key, fmt.Sprintf(`{"label":%q}`, label))
				seen.note(fmt.Sprint(user, "/", key), label, answer.Code, answer.Body.String(), answer.Header().Get(idempotency.Replayed) != "")
			})
		}
		wait.Wait()
	}
	seen.check(t, s.labels(t))
}

// A history is what clients saw.
type history struct {
	mu      sync.Mutex
	answers map[string]map[string]string // by caller and key: the bodies of good answers, by the label asked for
	codes   map[int]int
	replays int
}

func (h *history) note(scope, label string, code int, body string, replayed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.codes == nil {
		h.codes, h.answers = map[int]int{}, map[string]map[string]string{}
	}
	h.codes[code]++
	if replayed {
		h.replays++
	}
	if code != http.StatusAccepted {
		return
	}
	if h.answers[scope] == nil {
		h.answers[scope] = map[string]string{}
	}
	if before, ok := h.answers[scope][label]; ok && before != body {
		h.codes[-1]++ // two answers to the same request
	}
	h.answers[scope][label] = body
}

func (h *history) check(t *testing.T, effects []string) {
	t.Helper()
	t.Logf("answers by status: %v, replayed %d", h.codes, h.replays)
	require.Zero(t, h.codes[-1], "answers to the same request differ")
	for _, code := range []int{http.StatusAccepted, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusInternalServerError} {
		require.Positive(t, h.codes[code], "void: never saw %d", code)
	}
	require.Positive(t, h.replays)
	promised := []string{}
	for scope, answers := range h.answers {
		require.Len(t, answers, 1, "%s was answered for two bodies", scope)
		for label := range answers {
			promised = append(promised, label)
		}
	}
	require.ElementsMatch(t, promised, effects, "effects are what was answered, once each")
}
