package storefront

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
)

// ask sends a request to a storefront over an API that is made up.
func ask(t *testing.T, api http.HandlerFunc, request *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	gin.SetMode(gin.TestMode)
	pages := gin.New()
	New(Local(api)).Mount(pages)
	answer := httptest.NewRecorder()
	pages.ServeHTTP(answer, request)
	return answer
}

// form is somebody's form who is signed in and has a mug in the basket.
func form(path string, fields url.Values) *http.Request {
	request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(fields.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: "token"})
	request.AddCookie(&http.Cookie{Name: basketCookie, Value: url.QueryEscape("MUG:2")})
	return request
}

// refusing is an API that has mugs and refuses whatever is sent to it.
func refusing(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = fmt.Fprint(w, `{"id": "1", "status": "delivered", "sku": "MUG", "price": {"amount": 100, "currency": "GBP"}}`)
			return
		}
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"type": "urn:pangaea:problem:%s", "detail": "not now"}`, code)
	}
}

func TestTheWayBackStaysInTheShop(t *testing.T) {
	for next, want := range map[string]string{
		"/checkout":      "/checkout",
		"":               "/",
		"https://evil":   "/",
		"//evil":         "/",
		`/\evil`:         "/",
		"/\t/evil":       "/",
		"/\n/evil":       "/",
		"/orders?a=b&c=": "/orders?a=b&amp;c=",
	} {
		nobody := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }
		page := ask(t, nobody, httptest.NewRequest(http.MethodGet, "/signin?next="+url.QueryEscape(next), nil))
		require.Contains(t, page.Body.String(), `name="next" value="`+want+`"`, "%q", next)
	}
}

func TestAFormThatIsRefusedKeepsItsKey(t *testing.T) {
	busy := refusing(http.StatusConflict, "request-in-flight")
	order := url.Values{"key": {"k1"}, "expected_total": {"200"}}

	for _, path := range []string{"/checkout", "/orders/1/cancel"} {
		page := ask(t, busy, form(path, order))
		require.Equal(t, http.StatusConflict, page.Code, path)
		require.Contains(t, page.Body.String(), `name="key" value="k1"`, path)
	}
}

func TestAFormThatPlacedAnOrderPlacesNoOther(t *testing.T) {
	used := refusing(http.StatusUnprocessableEntity, "idempotency-key-reused")
	order := url.Values{"key": {"k1"}, "expected_total": {"200"}}

	answer := ask(t, used, form("/checkout", order))
	require.Equal(t, http.StatusSeeOther, answer.Code)
	require.Equal(t, "/orders", answer.Header().Get("Location"))

	page := ask(t, used, form("/orders/1/cancel", order))
	require.NotContains(t, page.Body.String(), `value="k1"`)
}

func TestTheSessionTravelsInItsCookie(t *testing.T) {
	var seen []*http.Request
	api := func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r)
		_, _ = fmt.Fprint(w, `{"items": []}`)
	}
	request := httptest.NewRequest(http.MethodGet, "/", nil)
	request.AddCookie(&http.Cookie{Name: auth.SessionCookie, Value: "stale"})

	require.Equal(t, http.StatusOK, ask(t, api, request).Code)
	require.NotEmpty(t, seen)
	for _, r := range seen {
		require.Empty(t, r.Header.Get("Authorization"), "a bad token there is refused everywhere")
		cookie, err := r.Cookie(auth.SessionCookie)
		require.NoError(t, err)
		require.Equal(t, "stale", cookie.Value)
	}
}

func TestAnOrderStaysWhereItArrived(t *testing.T) {
	arrived := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	steps := order{Status: "delivered", History: []entry{
		{Status: "placed"},
		{Status: "reserved"},
		{Status: "confirmed"},
		{Status: "paid"},
		{Status: "dispatched"},
		{Status: "delivered", At: arrived},
		{Status: "delivered", At: arrived.Add(time.Hour), Note: "you asked to return goods"},
	}}.Steps()
	require.Equal(t, step{Name: "delivered", Done: true, Now: true, At: arrived}, steps[len(steps)-1])
}
