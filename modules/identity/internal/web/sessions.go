package web

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

const sessionPath = "/api/v1/session"

// Sessions signs browsers in and out: with cookies that no script can read.
type Sessions struct {
	sessions *session.Service
	secure   bool
}

// NewSessions returns the routes of browser sessions. Cookies of requests over TLS are sent over TLS
// only; where something in front of us speaks TLS, secure says so for all.
func NewSessions(sessions *session.Service, secure bool) *Sessions {
	return &Sessions{sessions: sessions, secure: secure}
}

// Mount lists the routes.
func (h *Sessions) Mount(api huma.API) {
	huma.Post(api, sessionPath, h.start, auth.Anyone, httpserver.Summary("Sign a browser in"))
	huma.Post(api, sessionPath+"/refresh", h.refresh, auth.Anyone, httpserver.Summary("Keep a browser signed in"))
	huma.Delete(api, sessionPath, h.end, auth.Anyone, httpserver.Status(http.StatusNoContent), httpserver.Summary("Sign a browser out"))
}

// transport is how a request came to us.
type transport struct{ tls bool }

// Resolve asks the connection.
func (t *transport) Resolve(ctx huma.Context) []error {
	t.tls = ctx.TLS() != nil
	return nil
}

type startInput struct {
	from
	transport
	Body struct {
		Email    string        `json:"email" minLength:"1" maxLength:"254"`
		Password secret.String `json:"password" minLength:"1" maxLength:"1024"`
	}
}

// Resolve finds out about the connection.
func (in *startInput) Resolve(ctx huma.Context) []error {
	return append(in.from.Resolve(ctx), in.transport.Resolve(ctx)...)
}

type sessionOutput struct {
	SetCookie []string `header:"Set-Cookie"`
	Body      struct {
		Account   accountView `json:"account"`
		ExpiresIn int         `json:"expires_in" doc:"Seconds until the session has to be refreshed"`
	}
}

func (h *Sessions) start(ctx context.Context, in *startInput) (*sessionOutput, error) {
	given, err := h.sessions.SignIn(ctx, session.Credentials{Email: in.Body.Email, Password: in.Body.Password, Address: in.address})
	if err != nil {
		return nil, err
	}
	return h.output(given, in.tls), nil
}

type cookieInput struct {
	transport
	Refresh secret.String `cookie:"pangaea_refresh" maxLength:"256"`
}

func (h *Sessions) refresh(ctx context.Context, in *cookieInput) (*sessionOutput, error) {
	given, err := h.sessions.Refresh(ctx, in.Refresh)
	if err != nil {
		return nil, err
	}
	return h.output(given, in.tls), nil
}

type endOutput struct {
	SetCookie []string `header:"Set-Cookie"`
}

func (h *Sessions) end(ctx context.Context, in *cookieInput) (*endOutput, error) {
	if err := h.sessions.SignOut(ctx, in.Refresh); err != nil {
		return nil, err
	}
	forget := &http.Cookie{Name: auth.RefreshCookie, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	return &endOutput{SetCookie: []string{auth.EndSession().String(), forget.String()}}, nil
}

func (h *Sessions) output(given session.Session, tls bool) *sessionOutput {
	secure := h.secure || tls
	refresh := &http.Cookie{ // sent with pages too: the storefront renews a session before it shows one
		Name: auth.RefreshCookie, Value: given.Refresh.Reveal(), Path: "/", MaxAge: int(session.Life.Seconds()),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
	access := auth.NewSession(given.Access.Reveal(), given.ExpiresIn, secure)
	out := &sessionOutput{SetCookie: []string{access.String(), refresh.String()}}
	out.Body.Account, out.Body.ExpiresIn = view(given.Account), int(given.ExpiresIn.Seconds())
	return out
}
