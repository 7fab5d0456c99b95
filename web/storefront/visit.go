package storefront

import (
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/platform/auth"
)

// A visit is one request for a page, by a customer or by somebody who has not signed in.
type visit struct {
	*gin.Context
	api    http.RoundTripper
	token  string // access token; empty: not signed in
	basket basket
}

// visit finds out who comes, with a fresh session where the old one has run out.
func (s *Storefront) visit(c *gin.Context) (*visit, error) {
	v := &visit{Context: c, api: s.api, basket: readBasket(c)}
	if cookie, err := c.Cookie(auth.SessionCookie); err == nil {
		v.token = cookie
		return v, nil
	}
	if _, err := c.Cookie(auth.RefreshCookie); err != nil {
		return v, nil
	}
	err := v.startSession("/api/v1/session/refresh", nil)
	var p *problem
	if errors.As(err, &p) && p.Status < http.StatusInternalServerError {
		return v, nil // the session is over: an ordinary visitor
	}
	return v, err
}

// startSession asks for a session and passes its cookies on to the browser.
func (v *visit) startSession(path string, credentials any) error {
	header, err := v.send(http.MethodPost, path, credentials, nil, "Cookie", v.GetHeader("Cookie"))
	if err != nil {
		return err
	}
	for _, line := range header.Values("Set-Cookie") {
		v.Writer.Header().Add("Set-Cookie", line)
		if cookie, err := http.ParseSetCookie(line); err == nil && cookie.Name == auth.SessionCookie {
			v.token = cookie.Value
		}
	}
	return nil
}

// goTo answers with a redirect that makes the browser read the next page, and not repeat a form.
func (v *visit) goTo(path string) { v.Redirect(http.StatusSeeOther, path) }

func (v *visit) askToSignIn() {
	back := v.Request.URL.RequestURI()
	if v.Request.Method != http.MethodGet {
		back = "/basket"
	}
	v.goTo("/signin?next=" + url.QueryEscape(back))
}

// next is where the visitor was on the way to: a page of ours, or the home page.
func (v *visit) next() string {
	next := v.Query("next")
	if next == "" {
		next = v.PostForm("next")
	}
	// Browsers take a backslash for a slash and leave tabs and line ends out.
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.Contains(next, "\\") || strings.ContainsFunc(next, unicode.IsControl) {
		return "/"
	}
	return next
}

// key names what a form is to do, so that a form that is sent twice does it once. One that was refused
// keeps its key: it may have been under way already. A key that has done something else is not used again.
func (v *visit) key(refusal *problem) string {
	if sent := v.PostForm("key"); sent != "" && !refusal.is("idempotency-key-reused") {
		return sent
	}
	return uuid.NewString()
}

// fail shows what went wrong, as far as it is the visitor's business.
func (v *visit) fail(err error) {
	var p *problem
	switch {
	case !errors.As(err, &p):
		slog.ErrorContext(v.Request.Context(), "page failed", "path", v.Request.URL.Path, "error", err)
		v.show(http.StatusInternalServerError, "error", gin.H{"Title": "That went wrong", "Detail": "It is our fault, not yours. Please try again in a moment."})
	case p.Status == http.StatusUnauthorized:
		v.askToSignIn()
	case p.Status == http.StatusNotFound:
		v.show(p.Status, "error", gin.H{"Title": "Not here", "Detail": "There is nothing at this address, or it is not yours to see."})
	default:
		v.show(p.Status, "error", gin.H{"Title": "That did not work", "Detail": p.Error()})
	}
}
