package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/audit"
)

type id struct {
	ID string `json:"id"`
}

func TestAKnownAddressIsAnsweredLikeANewOne(t *testing.T) {
	f := open(t)
	register := func(email string) (string, http.Header, int) {
		w := f.call("POST", "/api/v1/accounts", "", `{"email":"`+email+`","name":"Somebody","password":"another-password"}`)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		header := w.Header().Clone()
		header.Del("X-Request-Id")
		return decode[id](t, w).ID, header, w.Body.Len()
	}

	known, knownHeader, knownLength := register(" ADA@example.org ")
	fresh, freshHeader, freshLength := register("bob@example.org")

	require.Equal(t, freshHeader, knownHeader)
	require.Equal(t, freshLength, knownLength)
	require.NotEqual(t, known, subject(t, f, f.signIn(adaEmail, adaPassword).AccessToken), "the id says nothing")
	require.Equal(t, fresh, subject(t, f, f.signIn("bob@example.org", "another-password").AccessToken))
	w := f.call("POST", "/api/v1/tokens", "", `{"email":"ada@example.org","password":"another-password"}`)
	require.Equal(t, http.StatusUnauthorized, w.Code, "nothing changed")
}

func TestStaffEnterCustomersOnceWithoutAPassword(t *testing.T) {
	f := open(t)
	staff := f.signIn(staffEmail, staffPassword).AccessToken
	enter := func() string {
		w := f.call("POST", "/api/v1/accounts", staff, `{"email":"Carol@example.org","name":"Carol"}`)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)
		return decode[id](t, w).ID
	}

	carol := enter()

	require.Equal(t, carol, enter())
	entries, err := audit.New(f.db).Of(t.Context(), carol, 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "account.enter", entries[0].Action)
	w := f.call("POST", "/api/v1/tokens", "", `{"email":"carol@example.org","password":"xxxxxxxx"}`)
	require.Equal(t, http.StatusUnauthorized, w.Code)
	w = f.call("GET", "/api/v1/accounts?email=carol@example.org", staff, "")
	require.Equal(t, carol, decode[struct{ Items []id }](t, w).Items[0].ID)
}

func TestStaffFindAccounts(t *testing.T) {
	f := open(t)
	staff := f.signIn(staffEmail, staffPassword).AccessToken
	for i := range 3 {
		_, err := f.service.Enter(t.Context(), fmt.Sprintf("c%d@example.org", i), "Customer", "")
		require.NoError(t, err)
	}
	type page struct {
		Items []struct {
			Email string
			Roles []string
		}
		NextPageToken string `json:"next_page_token"`
	}

	var emails []string
	path := "/api/v1/accounts?page_size=2"
	for path != "" {
		w := f.call("GET", path, staff, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.NotContains(t, w.Body.String(), "argon2id")
		p := decode[page](t, w)
		for _, item := range p.Items {
			emails = append(emails, item.Email)
		}
		path = ""
		if p.NextPageToken != "" {
			path = "/api/v1/accounts?page_size=2&page_token=" + p.NextPageToken
		}
	}
	require.Equal(t, []string{staffEmail, adaEmail, "c0@example.org", "c1@example.org", "c2@example.org"}, emails)

	require.Empty(t, decode[page](t, f.call("GET", "/api/v1/accounts?email=nobody@example.org", staff, "")).Items)
	require.Equal(t, 422, f.call("GET", "/api/v1/accounts?email=nonsense", staff, "").Code)
	require.Equal(t, 400, f.call("GET", "/api/v1/accounts?page_token=nonsense", staff, "").Code)
	require.Equal(t, 422, f.call("GET", "/api/v1/accounts?page_size=201", staff, "").Code)
}

func TestClosingAnAccountEndsItEverywhere(t *testing.T) {
	f := open(t)
	given := f.signIn(adaEmail, adaPassword)

	w := f.call("POST", "/api/v1/accounts/me/close", given.AccessToken, `{"password":"`+adaPassword+`"}`)
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)

	require.Equal(t, http.StatusUnauthorized, f.call("GET", "/api/v1/accounts/me", given.AccessToken, "").Code)
	require.Equal(t, http.StatusUnauthorized, f.refresh(given.RefreshToken).Code)
	w = f.call("POST", "/api/v1/tokens", "", `{"email":"`+adaEmail+`","password":"`+adaPassword+`"}`)
	require.Equal(t, http.StatusUnauthorized, w.Code)
	w = f.call("POST", "/api/v1/accounts", "", `{"email":"`+adaEmail+`","name":"Ada again","password":"`+adaPassword+`"}`)
	require.Equal(t, http.StatusCreated, w.Code)
	f.signIn(adaEmail, adaPassword)
}

func TestAStaffAccountIsNotClosed(t *testing.T) {
	f := open(t)
	staff := f.signIn(staffEmail, staffPassword).AccessToken
	w := f.call("POST", "/api/v1/accounts/me/close", staff, `{"password":"`+staffPassword+`"}`)
	require.Equal(t, http.StatusConflict, w.Code, w.Body)
	f.signIn(staffEmail, staffPassword)
}

func TestANewPasswordSignsOutEverywhere(t *testing.T) {
	f := open(t)
	before := f.signIn(adaEmail, adaPassword)

	w := f.call("POST", "/api/v1/accounts/me/password", before.AccessToken, `{"password":"`+adaPassword+`","new_password":"a-newer-password"}`)
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)

	require.Equal(t, http.StatusUnauthorized, f.refresh(before.RefreshToken).Code)
	require.Equal(t, http.StatusUnauthorized, f.call("POST", "/api/v1/tokens", "", `{"email":"`+adaEmail+`","password":"`+adaPassword+`"}`).Code)
	f.signIn(adaEmail, "a-newer-password")
}

func TestATokenAloneDoesNotGuessThePassword(t *testing.T) {
	f := open(t)
	ada := f.signIn(adaEmail, adaPassword).AccessToken
	for range 10 {
		require.Equal(t, 422, f.call("POST", "/api/v1/accounts/me/close", ada, `{"password":"a-guess"}`).Code)
	}
	w := f.call("POST", "/api/v1/accounts/me/close", ada, `{"password":"`+adaPassword+`"}`)
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	elsewhere := func(r *http.Request) { r.RemoteAddr = "203.0.113.7:1234" }
	w = f.call("POST", "/api/v1/accounts/me/close", ada, `{"password":"`+adaPassword+`"}`, elsewhere)
	require.Equal(t, http.StatusNoContent, w.Code, "guesses do not lock the owner out")
}
