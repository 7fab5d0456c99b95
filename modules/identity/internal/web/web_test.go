package web_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	identitysql "github.com/pangaea-shop/pangaea/migrations/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/password"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/signing"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/web"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

const (
	staffEmail    = "staff@pangaea.example"
	staffPassword = "staff-canary-password"
	adaEmail      = "ada@example.org"
	adaPassword   = "ada-canary-password"
)

// A face is all of identity over HTTP, with a staff account and Ada's.
type face struct {
	t        *testing.T
	db       *database.DB
	server   *httpserver.Server
	verifier *auth.Verifier
	service  *account.Service
	late     atomic.Int64 // by how much the clock is ahead
}

func open(t *testing.T) *face {
	t.Helper()
	f := &face{t: t, db: databasetest.Open(t, "identity", identitysql.Files)}
	now := func() time.Time { return time.Now().UTC().Add(time.Duration(f.late.Load())) }
	hasher := password.NewHasher()
	guard := throttle.NewGuard(store.NewTries(f.db), throttle.Limits{
		Account: throttle.Limit{Most: 10, Within: 15 * time.Minute}, Network: throttle.Limit{Most: 100, Within: time.Hour},
	}, now)
	rows := store.NewAccounts(f.db, outbox.New(f.db, outbox.Manifest{}))
	signer := signing.NewSigner(store.NewKeys(f.db), 30*24*time.Hour, now)
	f.service = account.NewService(rows, hasher, guard, now)
	sessions := session.NewService(rows, hasher, store.NewFamilies(f.db), signer, guard, now)
	f.verifier = auth.NewVerifier(signer)
	f.server = httpserver.New(httpserver.Settings{MaxBody: 1 << 20}, f.verifier, prometheus.NewRegistry())
	api := f.server.API("identity")
	web.NewAccounts(f.service, rows, audit.New(f.db)).Mount(api)
	web.NewTokens(sessions, signer).Mount(api)
	web.NewSessions(sessions, false).Mount(api)

	_, err := f.service.Appoint(t.Context(), staffEmail, staffPassword)
	require.NoError(t, err)
	_, err = f.service.SignUp(t.Context(), adaEmail, "Ada", adaPassword)
	require.NoError(t, err)
	return f
}

// call sends a request; change may add to it.
func (f *face) call(method, path, token, body string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	f.t.Helper()
	r := httptest.NewRequestWithContext(f.t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, change := range change {
		change(r)
	}
	w := httptest.NewRecorder()
	f.server.Handler().ServeHTTP(w, r)
	return w
}

type tokens struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
	TokenType    string `json:"token_type"`
}

func (f *face) signIn(email, password string) tokens {
	f.t.Helper()
	w := f.call("POST", "/api/v1/tokens", "", `{"email":"`+email+`","password":"`+password+`"}`)
	require.Equal(f.t, http.StatusOK, w.Code, w.Body)
	return decode[tokens](f.t, w)
}

func (f *face) refresh(token string) *httptest.ResponseRecorder {
	f.t.Helper()
	return f.call("POST", "/api/v1/tokens", "", `{"refresh_token":"`+token+`"}`)
}

// verify returns whom an access token is for.
func (f *face) verify(token string) auth.Principal {
	f.t.Helper()
	principal, err := f.verifier.Verify(f.t.Context(), token)
	require.NoError(f.t, err)
	return principal
}

func decode[T any](t *testing.T, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body)
	return v
}

func subject(t *testing.T, f *face, token string) string {
	t.Helper()
	w := f.call("GET", "/api/v1/accounts/me", token, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	return decode[struct{ ID string }](t, w).ID
}

func TestEveryRouteLetsInWhoItIsFor(t *testing.T) {
	f := open(t)
	ada := f.signIn(adaEmail, adaPassword).AccessToken
	staff := f.signIn(staffEmail, staffPassword).AccessToken
	forged := ada[:len(ada)-4] + "AAAA"
	const wrong = `{"password":"not-the-password"}`
	// Who is let in meets the rules of the input, which are met in other tests: 422 is inside.
	deny := []struct {
		route, body                        string
		anonymous, forged, customer, staff int
	}{
		{"POST /api/v1/accounts", `{}`, 422, 401, 422, 422},
		{"GET /api/v1/accounts", ``, 401, 401, 403, 200},
		{"GET /api/v1/accounts/me", ``, 401, 401, 200, 200},
		{"POST /api/v1/accounts/me/password", wrong, 401, 401, 422, 422},
		{"POST /api/v1/accounts/me/close", wrong, 401, 401, 422, 422},
		{"POST /api/v1/tokens", `{}`, 422, 401, 422, 422},
		{"DELETE /api/v1/tokens", `{}`, 422, 401, 422, 422},
		{"POST /api/v1/session", `{}`, 422, 401, 422, 422},
		{"POST /api/v1/session/refresh", ``, 401, 401, 401, 401},
		{"DELETE /api/v1/session", ``, 204, 401, 204, 204},
		{"GET /.well-known/jwks.json", ``, 200, 401, 200, 200},
	}
	var listed, mounted []string
	for _, cell := range deny {
		listed = append(listed, cell.route)
		method, path, _ := strings.Cut(cell.route, " ")
		for token, want := range map[string]int{"": cell.anonymous, forged: cell.forged, ada: cell.customer, staff: cell.staff} {
			w := f.call(method, path, token, cell.body)
			require.Equal(t, want, w.Code, "%s: %s", cell.route, w.Body)
		}
	}
	for _, route := range f.server.Routes() {
		mounted = append(mounted, route.Method+" "+route.Path)
	}
	require.ElementsMatch(t, mounted, listed, "a route that nobody thought about")
}

func TestBadInputIsNamed(t *testing.T) {
	f := open(t)
	ada := f.signIn(adaEmail, adaPassword).AccessToken
	long := strings.Repeat("x", 1025)
	for _, c := range []struct {
		route, body string
		status      int
		field       string
	}{
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A","password":"12345678"`, 400, ""},
		{"POST /api/v1/accounts", `[]`, 422, ""},
		{"POST /api/v1/accounts", `{"name":"A","password":"12345678"}`, 422, "email"},
		{"POST /api/v1/accounts", `{"email":"nonsense","name":"A","password":"12345678"}`, 422, "email"},
		{"POST /api/v1/accounts", `{"email":"a b@c.d","name":"A","password":"12345678"}`, 422, "email"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"","password":"12345678"}`, 422, "name"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A\u0007B","password":"12345678"}`, 422, "name"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A"}`, 422, "password"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A","password":"1234567"}`, 422, "password"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A","password":"` + long + `"}`, 422, "password"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A","password":12345678}`, 422, "password"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A","password":"12345678","roles":["staff"]}`, 422, "roles"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","name":"A","password":"12345678","is_staff":true}`, 422, "is_staff"},
		{"POST /api/v1/accounts", `{"email":"a@b.c","Name":"A","password":"12345678"}`, 422, "Name"},
		{"POST /api/v1/tokens", `{"password":"12345678"}`, 422, "email"},
		{"POST /api/v1/tokens", `{"email":"a@b.c"}`, 422, "password"},
		{"POST /api/v1/tokens", `{"email":"a@b.c","password":"x","refresh_token":"y"}`, 422, "refresh_token"},
		{"POST /api/v1/tokens", `{"email":"a@b.c","password":"x","scope":"admin"}`, 422, "scope"},
		{"POST /api/v1/tokens", `{"email":"` + adaEmail + `","password":"` + adaPassword + `","scope":"import"}`, 422, "scope"},
		{"POST /api/v1/session", `{"email":"a@b.c"}`, 422, "password"},
		{"POST /api/v1/accounts/me/password", `{"password":"` + adaPassword + `","new_password":"short"}`, 422, "new_password"},
		{"POST /api/v1/accounts/me/close", `{}`, 422, "password"},
		{"POST /api/v1/accounts/me/close", `{"password":"wrong-password"}`, 422, "password"},
	} {
		method, path, _ := strings.Cut(c.route, " ")
		token := ""
		if strings.Contains(path, "/me") {
			token = ada
		}
		w := f.call(method, path, token, c.body)
		require.Equal(t, c.status, w.Code, "%s %.80s: %s", c.route, c.body, w.Body)
		require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
		problem := decode[httpserver.Problem](t, w)
		require.NotContains(t, w.Body.String(), "12345678", "a password is never repeated")
		if c.field != "" {
			require.NotEmpty(t, problem.Errors, "%s %.80s: %s", c.route, c.body, w.Body)
			require.Equal(t, c.field, problem.Errors[0].Name, "%s %.80s: %s", c.route, c.body, w.Body)
		}
	}
}
