package auth

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What every access token says of itself.
const (
	Issuer    = "pangaea"
	Audience  = "pangaea"
	TokenType = "at+jwt"
)

// Claims are what an access token says (RFC 9068). Times are whole seconds.
type Claims struct {
	Issuer    string           `json:"iss"`
	Audience  jwt.ClaimStrings `json:"aud"`
	Subject   string           `json:"sub"`
	IssuedAt  int64            `json:"iat"`
	NotBefore int64            `json:"nbf,omitempty"`
	ExpiresAt int64            `json:"exp"`
	ID        string           `json:"jti"`
	Roles     []string         `json:"roles"`
	Scope     string           `json:"scope,omitempty"` // separated by spaces
}

// NewClaims says that a token with that id is for p, from now until now+life.
func NewClaims(p Principal, id string, now time.Time, life time.Duration) Claims {
	return Claims{
		Issuer: Issuer, Audience: jwt.ClaimStrings{Audience}, Subject: p.Subject,
		IssuedAt: now.Unix(), ExpiresAt: now.Add(life).Unix(), ID: id,
		Roles: p.Roles, Scope: strings.Join(p.Scopes, " "),
	}
}

// Sign makes an access token of claims with the key that a JWKS publishes as kid.
func Sign(claims Claims, key ed25519.PrivateKey, kid string) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims)
	token.Header["typ"] = TokenType
	token.Header["kid"] = kid
	return token.SignedString(key)
}

func (c Claims) principal() Principal {
	return Principal{Subject: c.Subject, Roles: c.Roles, Scopes: strings.Fields(c.Scope)}
}

// Validate adds our rules to those of the jwt package, which calls it.
func (c Claims) Validate() error {
	switch {
	case c.Subject == "" || len(c.Subject) > 128:
		return errors.New("subject is missing or too long")
	case c.IssuedAt <= 0:
		return errors.New("time of issue is missing")
	case c.ExpiresAt-c.IssuedAt > int64(maxLife/time.Second):
		return errors.New("token lives longer than any of ours")
	}
	return nil
}

// GetExpirationTime is for the jwt package, like the methods after it.
func (c Claims) GetExpirationTime() (*jwt.NumericDate, error) { return numericDate(c.ExpiresAt), nil }

// GetIssuedAt is when the token was made.
func (c Claims) GetIssuedAt() (*jwt.NumericDate, error) { return numericDate(c.IssuedAt), nil }

// GetNotBefore is when the token starts to count.
func (c Claims) GetNotBefore() (*jwt.NumericDate, error) { return numericDate(c.NotBefore), nil }

// GetIssuer is who made the token.
func (c Claims) GetIssuer() (string, error) { return c.Issuer, nil }

// GetSubject is whom the token is for.
func (c Claims) GetSubject() (string, error) { return c.Subject, nil }

// GetAudience is whom the token may be shown to.
func (c Claims) GetAudience() (jwt.ClaimStrings, error) { return c.Audience, nil }

func numericDate(seconds int64) *jwt.NumericDate {
	if seconds == 0 {
		return nil
	}
	return jwt.NewNumericDate(time.Unix(seconds, 0))
}
