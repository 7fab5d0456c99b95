package shopclient

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// A session keeps the tokens of one sign-in. Whoever finds its access token refused or about to expire
// gets the next one; everybody else waits for that.
type session struct {
	client          *Client
	email, password string

	mu      sync.Mutex
	access  string
	refresh string
	until   time.Time
}

type tokenRequest struct {
	Email        string `json:"email,omitempty"`
	Password     string `json:"password,omitempty"`
	Scope        string `json:"scope,omitempty"`
	RefreshToken string `json:"refresh_token,omitempty"`
}

type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    int    `json:"expires_in"`
}

// token returns an access token that is not the rejected one.
func (s *session) token(ctx context.Context, rejected string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.access != "" && s.access != rejected && time.Now().Before(s.until) {
		return s.access, nil
	}
	answer, err := s.renew(ctx)
	if err != nil {
		return "", err
	}
	s.access, s.refresh = answer.AccessToken, answer.RefreshToken
	lifetime := time.Duration(answer.ExpiresIn) * time.Second
	s.until = time.Now().Add(lifetime - lifetime/10)
	return s.access, nil
}

// renew refreshes the session, and signs in again where that is not possible.
func (s *session) renew(ctx context.Context) (tokenAnswer, error) {
	if s.refresh != "" {
		answer, err := s.ask(ctx, tokenRequest{RefreshToken: s.refresh})
		if !HasStatus(err, http.StatusUnauthorized) {
			return answer, err
		}
	}
	// The scope exempts from rate limits: this is many calls by one who may make them.
	return s.ask(ctx, tokenRequest{Email: s.email, Password: s.password, Scope: "import"})
}

func (s *session) ask(ctx context.Context, request tokenRequest) (answer tokenAnswer, err error) {
	_, err = s.client.patiently(ctx, call{
		method: http.MethodPost, path: "/api/v1/tokens", body: request, answer: &answer,
	}, "")
	return answer, err
}
