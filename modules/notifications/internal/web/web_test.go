package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	notificationssql "github.com/pangaea-shop/pangaea/migrations/notifications"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/store"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/web"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

type face struct {
	t      *testing.T
	server *httpserver.Server
	rows   *store.Notices
	token  func(subject string, roles ...string) string
}

func open(t *testing.T) *face {
	t.Helper()
	db := databasetest.Open(t, "notifications", notificationssql.Files)
	keys, token := authtest.New(t)
	f := &face{t: t, rows: store.NewNotices(db), token: token}
	f.server = httpserver.New(httpserver.Settings{MaxBody: 1 << 20}, auth.NewVerifier(keys), prometheus.NewRegistry())
	web.NewNotifications(f.rows, audit.New(db), time.Now).Mount(f.server.API("notifications"))
	return f
}

func (f *face) tell(id, customer string) {
	f.t.Helper()
	_, err := f.rows.Add(f.t.Context(), notice.Notice{
		ID: id, Event: id, Kind: notice.OrderPaid, CustomerID: customer, OrderID: "o-" + id, Subject: "Paid", Body: "Hello",
		Delivery: notice.Kept, CreatedAt: time.Now(),
	})
	require.NoError(f.t, err)
}

func (f *face) call(method, path, token string) *httptest.ResponseRecorder {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), method, path, http.NoBody)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(w, r)
	return w
}

type item struct {
	ID      string     `json:"id"`
	Kind    string     `json:"kind"`
	OrderID string     `json:"order_id"`
	ReadAt  *time.Time `json:"read_at"`
}

func (f *face) list(path, token string) (ids []string, next string) {
	f.t.Helper()
	w := f.call("GET", path, token)
	require.Equal(f.t, http.StatusOK, w.Code, w.Body)
	page := decode[struct {
		Items         []item `json:"items"`
		NextPageToken string `json:"next_page_token"`
	}](f.t, w)
	for _, i := range page.Items {
		ids = append(ids, i.ID)
	}
	return ids, page.NextPageToken
}

func decode[T any](t *testing.T, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body)
	return v
}

func TestEveryRouteLetsInWhoItIsFor(t *testing.T) {
	f := open(t)
	f.tell("n1", "ada")
	ada, bob := f.token("ada", auth.RoleCustomer), f.token("bob", auth.RoleCustomer)
	staff := f.token("sam", auth.RoleStaff)
	forged := ada[:len(ada)-4] + "AAAA"
	var listed, mounted []string
	for _, cell := range []struct {
		route, path                          string
		anonymous, forged, own, other, staff int
	}{
		{"GET /api/v1/notifications", "/api/v1/notifications", 401, 401, 200, 200, 200},
		{"GET /api/v1/notifications", "/api/v1/notifications?customer_id=ada", 401, 401, 200, 404, 200},
		{"GET /api/v1/notifications", "/api/v1/notifications?customer_id=guest", 401, 401, 404, 404, 200},
		{"GET /api/v1/notifications", "/api/v1/notifications?customer_id=nobody", 401, 401, 404, 404, 200},
		{"POST /api/v1/notifications/{id}/read", "/api/v1/notifications/n1/read", 401, 401, 200, 404, 200},
		{"POST /api/v1/notifications/{id}/read", "/api/v1/notifications/missing/read", 401, 401, 404, 404, 404},
		{"POST /api/v1/notifications/{id}/read", "/api/v1/notifications/%27%20OR%201=1/read", 401, 401, 404, 404, 404},
	} {
		listed = append(listed, cell.route)
		method, _, _ := strings.Cut(cell.route, " ")
		for token, want := range map[string]int{"": cell.anonymous, forged: cell.forged, ada: cell.own, bob: cell.other, staff: cell.staff} {
			w := f.call(method, cell.path, token)
			require.Equal(t, want, w.Code, "%s: %s", cell.path, w.Body)
		}
	}
	for _, route := range f.server.Routes() {
		mounted = append(mounted, route.Method+" "+route.Path)
	}
	require.Subset(t, listed, mounted, "a route that nobody thought about")
}

func TestSomebodyElsesNotificationIsAsMissing(t *testing.T) {
	f := open(t)
	f.tell("n1", "ada")
	bob := f.token("bob", auth.RoleCustomer)
	theirs := decode[httpserver.Problem](t, f.call("POST", "/api/v1/notifications/n1/read", bob))
	missing := decode[httpserver.Problem](t, f.call("POST", "/api/v1/notifications/n2/read", bob))
	require.Equal(t, missing.Detail, theirs.Detail)
	require.Equal(t, missing.Type, theirs.Type)
}

func TestAnInboxIsOnesOwnAndComesInPages(t *testing.T) {
	f := open(t)
	for _, id := range []string{"n1", "n2", "n3"} {
		f.tell(id, "ada")
	}
	f.tell("n4", "bob")
	ada, staff := f.token("ada", auth.RoleCustomer), f.token("sam", auth.RoleStaff)

	ids, next := f.list("/api/v1/notifications?page_size=2", ada)
	require.Equal(t, []string{"n3", "n2"}, ids)
	ids, next = f.list("/api/v1/notifications?page_size=2&page_token="+next, ada)
	require.Equal(t, []string{"n1"}, ids)
	require.Empty(t, next)
	ids, _ = f.list("/api/v1/notifications?order_id=o-n2", ada)
	require.Equal(t, []string{"n2"}, ids)
	ids, _ = f.list("/api/v1/notifications?order_id=o-n4", ada)
	require.Empty(t, ids)
	ids, _ = f.list("/api/v1/notifications?customer_id=bob", staff)
	require.Equal(t, []string{"n4"}, ids)
	ids, _ = f.list("/api/v1/notifications", staff)
	require.Empty(t, ids)
}

func TestANotificationIsReadOnce(t *testing.T) {
	f := open(t)
	f.tell("n1", "ada")
	ada := f.token("ada", auth.RoleCustomer)
	first := decode[item](t, f.call("POST", "/api/v1/notifications/n1/read", ada))
	again := decode[item](t, f.call("POST", "/api/v1/notifications/n1/read", ada))
	require.NotNil(t, first.ReadAt)
	require.Equal(t, first, again)
	require.Equal(t, "order_paid", first.Kind)
}

func TestBadInputIsNamed(t *testing.T) {
	f := open(t)
	ada := f.token("ada", auth.RoleCustomer)
	long := strings.Repeat("x", 65)
	for path, want := range map[string]int{
		"/api/v1/notifications?page_size=0":         422,
		"/api/v1/notifications?page_size=201":       422,
		"/api/v1/notifications?page_size=many":      422,
		"/api/v1/notifications?page_token=nonsense": 400,
		"/api/v1/notifications?customer_id=" + long: 422,
		"/api/v1/notifications?order_id=" + long:    422,
		"/api/v1/notifications?unknown=1":           422,
	} {
		w := f.call("GET", path, ada)
		require.Equal(t, want, w.Code, "%s: %s", path, w.Body)
		require.NotEmpty(t, decode[httpserver.Problem](t, w).Errors, path)
	}
	require.Equal(t, 422, f.call("POST", "/api/v1/notifications/"+long+"/read", ada).Code)
}
