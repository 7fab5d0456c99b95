package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
)

// TestInterleavings sends 10,000 requests, a fifth of them where it is to be short, many at once, to all
// processes, with few keys, two callers and two bodies, of which some fail; and demands one effect and one
// answer per caller and key.
func TestInterleavings(t *testing.T) {
	rounds, callers := 200, 50
	if testing.Short() {
		rounds = 40
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	s := open(t)
	tokens := []string{s.token("ann"), s.token("bob")}
	var dice sync.Mutex
	random := rand.New(rand.NewPCG(seed, 1))
	throw := func(n int) int { dice.Lock(); defer dice.Unlock(); return random.IntN(n) }
	for _, process := range s.others {
		process.during = func(string) error {
			if throw(4) == 0 {
				return errors.New("the effect failed")
			}
			return nil
		}
	}
	var seen history
	for round := range rounds {
		var wait sync.WaitGroup
		for range callers {
			user, key, body := throw(2), fmt.Sprint(round/2, "-", throw(12)), throw(8)/7
			process := s.others[throw(len(s.others))]
			wait.Go(func() {
				label := fmt.Sprint(user, "/", key, "/", body)
				answer := process.post(tokens[user], "kew", key, fmt.Sprintf(`{"label":%q}`, label))
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

// TestWhoWaitedForTheirOwnRequestIsNotToldThatItIsTooLate sends the same request to all processes at once,
// where it can have its effect only once: the second one fails, and not because of what it asks.
func TestWhoWaitedForTheirOwnRequestIsNotToldThatItIsTooLate(t *testing.T) {
	s := open(t)
	ann := s.token("ann")
	for _, process := range s.others {
		process.within = func(_ context.Context, tx *gorm.DB) error {
			var left int64
			err := tx.Table("shelf").Clauses(clause.Locking{Strength: "UPDATE"}).Where("id = ?", "tea").Select("pieces").Take(&left).Error
			if err == nil && left == 0 {
				return fault.New(fault.Invalid, "none are left")
			}
			return errors.Join(err, tx.Table("shelf").Where("id = ?", "tea").Update("pieces", left-1).Error)
		}
	}
	const rounds, each = 50, 4
	for round := range rounds {
		require.NoError(t, s.db.Do(t.Context(), func(_ context.Context, tx *gorm.DB) error {
			return errors.Join(tx.Exec("DELETE FROM shelf").Error, tx.Table("shelf").Create(map[string]any{"id": "tea", "pieces": 1}).Error)
		}))
		var wait sync.WaitGroup
		answers := make([]*httptest.ResponseRecorder, each)
		for i := range answers {
			wait.Go(func() { answers[i] = s.others[i%len(s.others)].post(ann, "kew", fmt.Sprint("last-", round), tea) })
		}
		wait.Wait()
		accepted := ""
		for _, answer := range answers {
			if answer.Code == http.StatusConflict {
				require.Contains(t, answer.Body.String(), "request-in-flight")
				require.NotEmpty(t, answer.Header().Get("Retry-After"))
				continue
			}
			require.Equal(t, http.StatusAccepted, answer.Code, answer.Body.String())
			if accepted == "" {
				accepted = answer.Body.String()
			}
			require.Equal(t, accepted, answer.Body.String())
		}
		require.NotEmpty(t, accepted)
	}
	require.Len(t, s.labels(t), rounds)
}
