package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/strictjson"
)

// The cookies of a browser's session. Scripts can read neither.
const (
	SessionCookie = "pangaea_session" // the access token
	RefreshCookie = "pangaea_refresh" // what a new one is had for
)

const (
	maxToken = 8 << 10
	maxKeyID = 128
	maxLife  = 24 * time.Hour
	leeway   = 30 * time.Second
)

// A Verifier checks access tokens. It trusts EdDSA signatures of its source's keys and nothing a token
// says about how to verify it.
type Verifier struct {
	keys   *keyRing
	parser *jwt.Parser
	memory *memory
	now    func() time.Time
}

// NewVerifier returns a verifier of tokens signed with the source's keys.
func NewVerifier(source KeySource) *Verifier { return newVerifier(source, time.Now) }

func newVerifier(source KeySource, now func() time.Time) *Verifier {
	return &Verifier{
		keys: &keyRing{source: source, now: now}, memory: newMemory(), now: now,
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
			jwt.WithIssuer(Issuer), jwt.WithAudience(Audience),
			jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway),
			jwt.WithStrictDecoding(), jwt.WithTimeFunc(now),
		),
	}
}

// Verify returns whom a token is for. An error is fault.Unauthenticated, or fault.Unavailable where the keys
// are needed and cannot be had.
func (v *Verifier) Verify(ctx context.Context, token string) (Principal, error) {
	if known, ok := v.memory.recall(token); ok && v.counts(ctx, known) {
		return known.principal, nil
	}
	claims, err := v.claims(ctx, token)
	switch {
	case errors.Is(err, errNoKeys):
		return Principal{}, errNoKeys
	case errors.Is(err, jwt.ErrTokenExpired):
		return Principal{}, fault.New(fault.Unauthenticated, "access token has expired; get a new one").WithCode("token-expired")
	case err != nil:
		return Principal{}, fault.New(fault.Unauthenticated, "access token is not good: %w", err)
	}
	return claims.principal(), nil
}

// counts reports whether what is known of a token still holds: it has not expired, and its key is not withdrawn.
func (v *Verifier) counts(ctx context.Context, known verified) bool {
	if !v.now().Before(known.until) {
		return false
	}
	key, err := v.keys.key(ctx, known.kid)
	return err == nil && key.Equal(known.key)
}

func (v *Verifier) claims(ctx context.Context, token string) (claims Claims, err error) {
	if len(token) > maxToken {
		return claims, errors.New("token is too long")
	}
	if err := checkShape(token); err != nil {
		return claims, err
	}
	var signed verified
	_, err = v.parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		kind, _ := t.Header["typ"].(string)
		switch {
		case !strings.EqualFold(kind, TokenType) && !strings.EqualFold(kind, "application/"+TokenType):
			return nil, errors.New("token is of another type")
		case t.Header["crit"] != nil:
			return nil, errors.New("token demands extensions")
		case kid == "" || len(kid) > maxKeyID:
			return nil, errUnknownKey
		}
		key, err := v.keys.key(ctx, kid)
		signed.kid, signed.key = kid, key
		return key, err
	})
	if err == nil {
		signed.principal, signed.until = claims.principal(), time.Unix(claims.ExpiresAt, 0)
		v.memory.remember(token, signed)
	}
	if !errors.Is(err, errNoKeys) && (errors.Is(err, jwt.ErrTokenMalformed) || errors.Is(err, jwt.ErrTokenUnverifiable)) {
		return claims, errors.New("token is malformed or signed by somebody else") // the library's texts quote the token
	}
	return claims, err
}

// checkShape makes sure that header and claims mean the same to every reader.
func checkShape(token string) error {
	parts := strings.SplitN(token, ".", 4)
	if len(parts) != 3 {
		return errors.New("token does not have three parts")
	}
	for _, part := range parts[:2] {
		text, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return errors.New("token is not base64url")
		}
		if err := strictjson.Check(text); err != nil {
			return fmt.Errorf("token is not strict JSON: %w", err)
		}
	}
	return nil
}

// A refusal is why a request's token was not good.
type refusal struct {
	error
	session bool // it came in the session cookie, which a browser sends without being asked
}

type refusalKey struct{}

func failure(ctx context.Context) *refusal {
	r, _ := ctx.Value(refusalKey{}).(*refusal)
	return r
}

// Authenticate finds out who sends each request, from the Authorization header or else the session
// cookie, and lets next decide what that means: From and Enforce tell.
func (v *Verifier) Authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(w, r.WithContext(v.identify(r)))
	})
}

func (v *Verifier) identify(r *http.Request) context.Context {
	ctx := r.Context()
	sent, session := r.Header.Values("Authorization"), false
	if cookies := r.CookiesNamed(SessionCookie); len(sent) == 0 && len(cookies) == 1 && cookies[0].Value != "" {
		sent, session = []string{"Bearer " + cookies[0].Value}, true
	}
	ctx, err := v.Identify(ctx, sent)
	if err != nil {
		return context.WithValue(ctx, refusalKey{}, &refusal{err, session})
	}
	return ctx
}

// Identify returns a context in which From finds whom the token is for that was sent as Authorization: nobody
// where nothing was sent. An error is fault.Unauthenticated.
func (v *Verifier) Identify(ctx context.Context, sent []string) (context.Context, error) {
	switch {
	case len(sent) == 0:
		return ctx, nil
	case len(sent) > 1:
		return ctx, fault.New(fault.Unauthenticated, "more than one Authorization header was sent")
	}
	scheme, token, _ := strings.Cut(sent[0], " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return ctx, fault.New(fault.Unauthenticated, "send the access token as: Authorization: Bearer <token>")
	}
	p, err := v.Verify(ctx, token)
	if err != nil {
		return ctx, err
	}
	return context.WithValue(ctx, callerKey{}, caller{p, token}), nil
}
