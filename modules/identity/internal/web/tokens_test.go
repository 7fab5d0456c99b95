package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

func TestSigningInGivesTokens(t *testing.T) {
	f := open(t)
	w := f.call("POST", "/api/v1/tokens", "", `{"email":" ADA@EXAMPLE.ORG","password":"`+adaPassword+`"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	given := decode[tokens](t, w)
	require.Equal(t, "Bearer", given.TokenType)
	require.Equal(t, 600, given.ExpiresIn)
	subject(t, f, given.AccessToken)
	require.Equal(t, http.StatusUnauthorized, f.call("GET", "/api/v1/accounts/me", given.RefreshToken, "").Code, "one is not the other")
	require.Equal(t, http.StatusUnauthorized, f.refresh(given.AccessToken[:256]).Code)
}

func TestAWrongPasswordAndAnUnknownAddressAreAnsweredAlike(t *testing.T) {
	f := open(t)
	wrong := f.call("POST", "/api/v1/tokens", "", `{"email":"`+adaEmail+`","password":"wrong-password"}`)
	unknown := f.call("POST", "/api/v1/tokens", "", `{"email":"eve@example.org","password":"wrong-password"}`)

	require.Equal(t, http.StatusUnauthorized, wrong.Code)
	require.Equal(t, wrong.Code, unknown.Code)
	one, other := decode[httpserver.Problem](t, wrong), decode[httpserver.Problem](t, unknown)
	one.RequestID, other.RequestID = "", ""
	require.Equal(t, one, other)
}

func TestARefreshTokenIsGoodOnceAndAThiefEndsTheFamily(t *testing.T) {
	f := open(t)
	first := f.signIn(adaEmail, adaPassword)
	second := decode[tokens](t, f.refresh(first.RefreshToken))
	subject(t, f, second.AccessToken)
	require.Equal(t, second.RefreshToken, decode[tokens](t, f.refresh(first.RefreshToken)).RefreshToken, "the answer was lost")

	f.late.Store(int64(session.Grace + time.Second))
	require.Equal(t, http.StatusUnauthorized, f.refresh(first.RefreshToken).Code)

	require.Equal(t, http.StatusUnauthorized, f.refresh(second.RefreshToken).Code)
	f.signIn(adaEmail, adaPassword) // a fresh family
}

func TestTabsThatRefreshAtOnceStaySignedIn(t *testing.T) {
	f := open(t)
	given := f.signIn(adaEmail, adaPassword)
	answers := make([]*httptest.ResponseRecorder, 8)
	var tabs sync.WaitGroup
	for i := range answers {
		tabs.Go(func() { answers[i] = f.refresh(given.RefreshToken) })
	}
	tabs.Wait()
	for _, w := range answers {
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, decode[tokens](t, answers[0]).RefreshToken, decode[tokens](t, w).RefreshToken)
	}
}

func TestSigningOutEndsTheFamily(t *testing.T) {
	f := open(t)
	here, there := f.signIn(adaEmail, adaPassword), f.signIn(adaEmail, adaPassword)
	for range 2 {
		w := f.call("DELETE", "/api/v1/tokens", "", `{"refresh_token":"`+here.RefreshToken+`"}`)
		require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	}
	require.Equal(t, http.StatusUnauthorized, f.refresh(here.RefreshToken).Code)
	require.Equal(t, http.StatusOK, f.refresh(there.RefreshToken).Code)
	require.Equal(t, http.StatusNoContent, f.call("DELETE", "/api/v1/tokens", "", `{"refresh_token":"unknown"}`).Code)
}

func TestGuessingIsSlowAndLocksNobodyOut(t *testing.T) {
	f := open(t)
	device := f.signIn(adaEmail, adaPassword)
	guess := func(address string) *httptest.ResponseRecorder {
		return f.call("POST", "/api/v1/tokens", "", `{"email":"`+adaEmail+`","password":"a-guess"}`, from(address))
	}
	for range 10 {
		require.Equal(t, http.StatusUnauthorized, guess("10.0.0.1:1000").Code)
	}

	w := guess("10.0.0.1:2000")

	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.NotEmpty(t, w.Header().Get("Retry-After"))
	right := `{"email":"` + adaEmail + `","password":"` + adaPassword + `"}`
	require.Equal(t, http.StatusTooManyRequests, f.call("POST", "/api/v1/tokens", "", right, from("10.0.0.1:1000")).Code)
	require.Equal(t, http.StatusOK, f.call("POST", "/api/v1/tokens", "", right, from("10.0.1.1:1000")).Code, "from elsewhere")
	require.Equal(t, http.StatusOK, f.refresh(device.RefreshToken).Code, "signed in already")
	f.late.Store(int64(15*time.Minute + time.Second))
	require.Equal(t, http.StatusOK, f.call("POST", "/api/v1/tokens", "", right, from("10.0.0.1:1000")).Code, "later")
}

func TestStaffMayAskForTheImportScope(t *testing.T) {
	f := open(t)
	w := f.call("POST", "/api/v1/tokens", "", `{"email":"`+staffEmail+`","password":"`+staffPassword+`","scope":"import"}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	given := decode[tokens](t, w)
	for range 2 {
		principal := f.verify(given.AccessToken)
		require.Equal(t, []string{"staff", "operator"}, principal.Roles)
		require.Equal(t, []string{"import"}, principal.Scopes)
		given = decode[tokens](t, f.refresh(given.RefreshToken))
	}
	require.Empty(t, f.verify(f.signIn(staffEmail, staffPassword).AccessToken).Scopes)
}

func TestTheKeysArePublic(t *testing.T) {
	f := open(t)
	w := f.call("GET", "/.well-known/jwks.json", "", "")
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, "application/jwk-set+json", w.Header().Get("Content-Type"))
	keys := decode[struct{ Keys []map[string]string }](t, w).Keys
	require.Len(t, keys, 1)
	require.Equal(t, "Ed25519", keys[0]["crv"])
	require.NotContains(t, keys[0], "d")
}

func from(address string) func(*http.Request) {
	return func(r *http.Request) { r.RemoteAddr = address }
}

func TestNothingSecretIsLoggedOrRepeated(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	f := open(t)
	given := f.signIn(adaEmail, adaPassword)
	secrets := []string{adaPassword, staffPassword, given.RefreshToken, given.AccessToken, "canary"}
	for _, body := range []string{
		`{"email":"canary@example.org","name":"canary","password":"canary-password"}`,
		`{"email":"` + adaEmail + `","password":"canary-guess"}`,
		`{"email":"canary","password":"canary-guess"}`,
		`{"email":"a@b.c","password":"canary-guess","canary":1}`,
		`{"email":"a@b.c","password":["canary"]}`,
		`{"refresh_token":"canary-token"}`,
		`{"refresh_token":"` + given.RefreshToken + `","scope":"import"}`,
		`{"password":"canary-guess","new_password":"canary"}`,
		`{"password":"canary`,
	} {
		for _, path := range []string{"/api/v1/accounts", "/api/v1/tokens", "/api/v1/session", "/api/v1/accounts/me/password", "/api/v1/accounts/me/close"} {
			w := f.call("POST", path, given.AccessToken, body)
			if w.Code >= 400 {
				for _, secret := range []string{adaPassword, given.RefreshToken, given.AccessToken, "canary-guess", "canary-password", "canary-token"} {
					require.NotContains(t, w.Body.String(), secret, path)
				}
			}
		}
		f.call("POST", "/api/v1/session/refresh", "", "", with(&http.Cookie{Name: "pangaea_refresh", Value: "canary"}))
	}
	f.call("GET", "/api/v1/accounts/me", "canary.canary.canary", "")
	for _, secret := range secrets {
		require.NotContains(t, log.String(), secret)
	}
}
