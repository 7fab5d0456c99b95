package web

import (
	"context"
	"net"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Tokens signs programs in and out.
type Tokens struct {
	sessions *session.Service
	keys     identity.Keys
}

// NewTokens returns the routes of tokens and of the keys they are verified with.
func NewTokens(sessions *session.Service, keys identity.Keys) *Tokens {
	return &Tokens{sessions: sessions, keys: keys}
}

// Mount lists the routes.
func (h *Tokens) Mount(api huma.API) {
	huma.Post(api, "/api/v1/tokens", h.issue, auth.Anyone, httpserver.Summary("Sign in, or stay signed in"),
		httpserver.Describe("A refresh token is good once. Used again within ten seconds it gives the same successor; later it ends every token that descends from the sign-in."))
	huma.Delete(api, "/api/v1/tokens", h.revoke, auth.Anyone, httpserver.Status(http.StatusNoContent), httpserver.Summary("Sign out"))
	huma.Get(api, "/.well-known/jwks.json", h.jwks, auth.Anyone, keySet, httpserver.Summary("The keys that access tokens are verified with"))
}

// from is where a request comes from.
type from struct{ address string }

// Resolve reads the address off the connection.
func (f *from) Resolve(ctx huma.Context) []error {
	f.address = ctx.RemoteAddr()
	if host, _, err := net.SplitHostPort(f.address); err == nil {
		f.address = host
	}
	return nil
}

type issueInput struct {
	from
	Body struct {
		Email        string        `json:"email,omitempty" minLength:"1" maxLength:"254"`
		Password     secret.String `json:"password,omitempty" minLength:"1" maxLength:"1024"`
		RefreshToken secret.String `json:"refresh_token,omitempty" minLength:"1" maxLength:"256" doc:"Instead of e-mail address and password"`
		Scope        string        `json:"scope,omitempty" enum:"import" doc:"Staff may ask for import: no rate limits"`
	}
}

type issueOutput struct {
	Body struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token" doc:"Good once, for the next pair"`
		ExpiresIn    int    `json:"expires_in" doc:"Seconds until the access token expires"`
		TokenType    string `json:"token_type" enum:"Bearer"`
	}
}

func (h *Tokens) issue(ctx context.Context, in *issueInput) (*issueOutput, error) {
	given, err := h.session(ctx, in)
	if err != nil {
		return nil, err
	}
	out := &issueOutput{}
	out.Body.AccessToken, out.Body.RefreshToken = given.Access.Reveal(), given.Refresh.Reveal()
	out.Body.ExpiresIn, out.Body.TokenType = int(given.ExpiresIn.Seconds()), "Bearer"
	return out, nil
}

func (h *Tokens) session(ctx context.Context, in *issueInput) (session.Session, error) {
	body := in.Body
	switch {
	case body.RefreshToken != "" && (body.Email != "" || body.Password != "" || body.Scope != ""):
		return session.Session{}, fault.Wrong("refresh_token", "must come alone")
	case body.RefreshToken != "":
		return h.sessions.Refresh(ctx, body.RefreshToken)
	case body.Email == "":
		return session.Session{}, fault.Wrong("email", "is required, or refresh_token instead")
	case body.Password == "":
		return session.Session{}, fault.Wrong("password", "is required")
	}
	return h.sessions.SignIn(ctx, session.Credentials{Email: body.Email, Password: body.Password, Scope: body.Scope, Address: in.address})
}

type revokeInput struct {
	Body struct {
		RefreshToken secret.String `json:"refresh_token" minLength:"1" maxLength:"256"`
	}
}

func (h *Tokens) revoke(ctx context.Context, in *revokeInput) (*struct{}, error) {
	return nil, h.sessions.SignOut(ctx, in.Body.RefreshToken)
}

type jwksOutput struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

// keySet documents the operation's answer.
func keySet(o *huma.Operation) {
	o.Responses = map[string]*huma.Response{"200": {
		Description: "A JSON Web Key Set (RFC 7517)",
		Content:     map[string]*huma.MediaType{"application/jwk-set+json": {Schema: &huma.Schema{Type: huma.TypeObject}}},
	}}
}

func (h *Tokens) jwks(ctx context.Context, _ *struct{}) (*jwksOutput, error) {
	set, err := h.keys.JWKS(ctx)
	return &jwksOutput{ContentType: "application/jwk-set+json", CacheControl: "public, max-age=300", Body: set}, err
}
