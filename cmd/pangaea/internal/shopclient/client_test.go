package shopclient_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A desk answers like a shop: tokens by itself, anything else by answer.
type desk struct {
	*httptest.Server
	answer    http.HandlerFunc
	signIns   atomic.Int32
	refreshes atomic.Int32
	valid     atomic.Value // the access token in force
	expiresIn int
}

func open(t *testing.T, answer http.HandlerFunc) *desk {
	t.Helper()
	d := &desk{answer: answer, expiresIn: 600}
	d.Server = httptest.NewServer(http.HandlerFunc(d.serve))
	t.Cleanup(d.Close)
	return d
}

func (d *desk) serve(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/api/v1/tokens" {
		var asked map[string]string
		_ = json.NewDecoder(r.Body).Decode(&asked)
		switch {
		case asked["refresh_token"] == "good":
			d.refreshes.Add(1)
		case asked["password"] == "secret" && asked["scope"] == "import":
			d.signIns.Add(1)
		default:
			refuse(w, http.StatusUnauthorized, "bad-credentials", "wrong e-mail address or password")
			return
		}
		token := fmt.Sprintf("token-%d-%d", d.signIns.Load(), d.refreshes.Load())
		d.valid.Store(token)
		write(w, http.StatusOK, map[string]any{"access_token": token, "refresh_token": "good", "expires_in": d.expiresIn})
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+d.valid.Load().(string) {
		refuse(w, http.StatusUnauthorized, "unauthenticated", "sign in")
		return
	}
	d.answer(w, r)
}

func (d *desk) signIn(t *testing.T, patience time.Duration) *shopclient.Client {
	t.Helper()
	c, err := shopclient.SignIn(t.Context(), shopclient.Settings{URL: d.URL, Email: "staff@pangaea.example", Password: "secret", Patience: patience})
	require.NoError(t, err)
	return c
}

func write(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func refuse(w http.ResponseWriter, status int, code, detail string) {
	write(w, status, map[string]any{"type": "urn:pangaea:problem:" + code, "status": status, "detail": detail})
}

func TestACallIsRepeatedWithItsKeyUntilItIsAnswered(t *testing.T) {
	var mu sync.Mutex // a connection that breaks tells nobody when its request is over
	var keys, bodies []string
	d := open(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		keys, bodies = append(keys, r.Header.Get("Idempotency-Key")), append(bodies, string(body))
		switch len(keys) {
		case 1:
			panic(http.ErrAbortHandler) // the connection breaks
		case 2:
			refuse(w, http.StatusServiceUnavailable, "outcome-unknown", "repeat it")
		case 3:
			w.Header().Set("Retry-After", "0")
			refuse(w, http.StatusConflict, "request-in-flight", "under way")
		case 4:
			refuse(w, http.StatusTooManyRequests, "too-many-requests", "slowly")
		default:
			write(w, http.StatusAccepted, map[string]any{"id": "o1", "status": "placed", "total": money.New(255, "GBP")})
		}
	})
	order, err := d.signIn(t, time.Minute).Place(t.Context(), shopclient.NewOrder{Reference: "r"}, "key-1")

	require.NoError(t, err)
	require.Equal(t, "o1", order.ID)
	require.Len(t, keys, 5)
	for i := range keys {
		require.Equal(t, "key-1", keys[i])
		require.Equal(t, bodies[0], bodies[i])
	}
}

func TestPatienceEnds(t *testing.T) {
	d := open(t, func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusServiceUnavailable, "unavailable", "not now")
	})
	_, err := d.signIn(t, 300*time.Millisecond).Order(t.Context(), "o1")
	require.ErrorContains(t, err, "GET /api/v1/orders/o1: 503 not now")
}

func TestTheShopMayAskForALongerPause(t *testing.T) {
	calls := 0
	d := open(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Retry-After", "3600")
		refuse(w, http.StatusTooManyRequests, "too-many-requests", "in an hour")
	})
	_, err := d.signIn(t, time.Second).Order(t.Context(), "o1")
	require.Error(t, err)
	require.Equal(t, 1, calls, "a pause beyond all patience is not waited for")
}

func TestWhatIsWrongIsNotRepeated(t *testing.T) {
	calls := 0
	d := open(t, func(w http.ResponseWriter, _ *http.Request) {
		calls++
		write(w, http.StatusUnprocessableEntity, map[string]any{
			"type": "urn:pangaea:problem:invalid", "detail": "items[0].sku is unknown",
			"errors": []map[string]string{{"field": "items[0].sku", "message": "is unknown"}},
		})
	})
	_, err := d.signIn(t, time.Minute).Place(t.Context(), shopclient.NewOrder{}, "k")
	require.EqualError(t, err, "POST /api/v1/orders: 422 items[0].sku is unknown; items[0].sku is unknown")
	require.True(t, shopclient.Is(err, "invalid"))
	require.Equal(t, 1, calls)
}

func TestAnExpiredTokenIsRenewedOnceForAll(t *testing.T) {
	d := open(t, func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, map[string]string{"id": "o1"}) })
	client := d.signIn(t, time.Minute)
	d.valid.Store("another") // ours is refused from now on
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() {
			_, err := client.Order(t.Context(), "o1")
			require.NoError(t, err)
		})
	}
	calls.Wait()
	require.Equal(t, int32(1), d.signIns.Load())
	require.Equal(t, int32(1), d.refreshes.Load())
}

func TestATokenAboutToExpireIsRenewedBefore(t *testing.T) {
	d := open(t, func(w http.ResponseWriter, _ *http.Request) { write(w, http.StatusOK, map[string]string{}) })
	d.expiresIn = 0
	client := d.signIn(t, time.Minute)
	_, err := client.Order(t.Context(), "o1")
	require.NoError(t, err)
	require.Equal(t, int32(1), d.refreshes.Load())
}

func TestWhoeverMayNotComeInIsToldSo(t *testing.T) {
	d := open(t, nil)
	_, err := shopclient.SignIn(t.Context(), shopclient.Settings{URL: d.URL, Email: "eve@example.org", Password: "guess"})
	require.ErrorContains(t, err, "wrong e-mail address or password")
	require.NotContains(t, err.Error(), "guess")

	_, err = shopclient.SignIn(t.Context(), shopclient.Settings{URL: "localhost:8080"})
	require.ErrorContains(t, err, "is not the address of a shop")
}

func TestListsAreReadPageByPage(t *testing.T) {
	d := open(t, func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "delivered", r.URL.Query().Get("status"))
		switch r.URL.Query().Get("page_token") {
		case "":
			write(w, http.StatusOK, map[string]any{"items": []map[string]string{{"id": "3"}, {"id": "2"}}, "next_page_token": "more"})
		case "more":
			write(w, http.StatusOK, map[string]any{"items": []map[string]string{{"id": "1"}}, "next_page_token": ""})
		}
	})
	var ids []string
	for o, err := range d.signIn(t, time.Minute).Orders(t.Context(), shopclient.Delivered) {
		require.NoError(t, err)
		ids = append(ids, o.ID)
	}
	require.Equal(t, []string{"3", "2", "1"}, ids)
}

func TestAnInterruptionEndsTheWaiting(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := open(t, func(w http.ResponseWriter, _ *http.Request) {
		cancel()
		refuse(w, http.StatusServiceUnavailable, "unavailable", "not now")
	})
	_, err := d.signIn(t, time.Hour).Order(ctx, "o1")
	require.ErrorIs(t, err, context.Canceled)
}

func TestAnAnswerThatIsNoneOfAShopIsAnError(t *testing.T) {
	d := open(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, "<html>welcome to the hotel's network</html>")
			return
		}
		http.Redirect(w, r, "http://example.org/", http.StatusFound)
	})
	_, err := d.signIn(t, time.Minute).Order(t.Context(), "o1")
	require.ErrorContains(t, err, "not what a shop says")
	_, err = d.signIn(t, time.Minute).AcceptReturn(t.Context(), "r1")
	require.True(t, shopclient.HasStatus(err, http.StatusFound), "tokens are sent nowhere else")
}
