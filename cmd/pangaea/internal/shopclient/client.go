// Package shopclient speaks to a shop over its public API, as staff.
//
// Every call may be made again without doing anything twice: what changes something carries an
// Idempotency-Key, or is idempotent by the shop's own promise. So a call that is refused for the
// moment, or whose answer is lost, is repeated until the client's patience ends.
package shopclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Settings say which shop, and who asks.
type Settings struct {
	URL      string // such as http://localhost:8080
	Email    string
	Password string
	Patience time.Duration // how long a call is repeated while the shop does not answer; 0: two minutes
	AtOnce   int           // how many calls are made at the same time, at most; 0: 8
}

// A Client is signed in to a shop. It may be used by many goroutines.
type Client struct {
	base     *url.URL
	http     *http.Client
	patience time.Duration
	session  *session
}

// The bounds of calls.
const (
	callWithin    = time.Minute
	firstPatience = 10 * time.Second // a shop that is not there at all is most likely a wrong address
	maxAnswer     = 16 << 20
)

// SignIn returns a client of the shop, which must be there and know the account.
func SignIn(ctx context.Context, s Settings) (*Client, error) {
	base, err := url.Parse(s.URL)
	if err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "" {
		return nil, fmt.Errorf("%q is not the address of a shop, such as http://localhost:8080", s.URL)
	}
	if s.Patience <= 0 {
		s.Patience = 2 * time.Minute
	}
	if s.AtOnce <= 0 {
		s.AtOnce = 8
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = s.AtOnce
	c := &Client{
		base: base, patience: min(s.Patience, firstPatience),
		http: &http.Client{Transport: transport, Timeout: callWithin, CheckRedirect: stay},
	}
	c.session = &session{client: c, email: s.Email, password: s.Password}
	if _, err := c.session.token(ctx, ""); err != nil {
		return nil, fmt.Errorf("sign in to %s as %s: %w", s.URL, s.Email, err)
	}
	c.patience = s.Patience
	return c, nil
}

// stay keeps tokens with the shop they are for.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// A call is one request and where its answer goes.
type call struct {
	method string
	path   string
	query  url.Values
	key    string // Idempotency-Key
	body   any
	answer any
}

// do makes a call as the one who is signed in, and returns the status of its answer.
func (c *Client) do(ctx context.Context, call call) (int, error) {
	var rejected string
	for {
		token, err := c.session.token(ctx, rejected)
		if err != nil {
			return 0, err
		}
		status, err := c.patiently(ctx, call, token)
		if status != http.StatusUnauthorized || rejected != "" {
			return status, err
		}
		rejected = token
	}
}

// send makes a call once.
func (c *Client) send(ctx context.Context, call call, token string) (status int, header http.Header, err error) {
	var body io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return 0, nil, err
		}
		body = bytes.NewReader(text)
	}
	at := c.base.JoinPath(call.path)
	at.RawQuery = call.query.Encode()
	request, err := http.NewRequestWithContext(ctx, call.method, at.String(), body)
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Accept", "application/json")
	if call.body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if call.key != "" {
		request.Header.Set("Idempotency-Key", call.key)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, err
	}
	return response.StatusCode, response.Header, read(response.StatusCode, text, call)
}

// read takes an answer apart: what was asked for, or a Problem.
func read(status int, text []byte, call call) error {
	switch {
	case status >= 300:
		return problem(status, text, call)
	case len(text) > maxAnswer:
		return fmt.Errorf("%s %s: the answer is longer than %d bytes", call.method, call.path, maxAnswer)
	case call.answer == nil:
		return nil
	}
	if err := json.Unmarshal(text, call.answer); err != nil {
		return fmt.Errorf("%s %s: the answer is not what a shop says: %w", call.method, call.path, err)
	}
	return nil
}
