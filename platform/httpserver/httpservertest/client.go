// Package httpservertest tries a module's routes the way clients do, through everything a request passes.
package httpservertest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// A Client calls a server that listens for the length of a test. The zero request is anonymous.
type Client struct {
	t       testing.TB
	url     string
	token   func(subject string, roles ...string) string
	headers map[string]string
}

// New serves what mount mounts and returns a client of it.
//
//	shop := httpservertest.New(t, web.NewOrders(…).Mount)
//	order := shop.As("alice").With("Idempotency-Key", "k-1").Post("/api/v1/orders", body).Require(http.StatusAccepted)
func New(t testing.TB, mount func(huma.API)) *Client {
	t.Helper()
	keys, token := authtest.New(t)
	settings := httpserver.Settings{Address: "127.0.0.1:0", MaxBody: 1 << 20}
	server := httpserver.New(settings, auth.NewVerifier(keys), prometheus.NewRegistry())
	mount(server.API("test"))
	require.NoError(t, server.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, server.Stop(context.Background())) })
	return &Client{t: t, url: "http://" + server.Address(), token: token}
}

// As returns a client that is signed in as subject.
func (c *Client) As(subject string, roles ...string) *Client {
	c.t.Helper()
	return c.With("Authorization", "Bearer "+c.token(subject, roles...))
}

// With returns a client that also sends a header.
func (c *Client) With(header, value string) *Client {
	with := *c
	with.headers = maps.Clone(c.headers)
	if with.headers == nil {
		with.headers = map[string]string{}
	}
	with.headers[header] = value
	return &with
}

// Get sends a GET.
func (c *Client) Get(path string) *Answer { c.t.Helper(); return c.Do(http.MethodGet, path, nil) }

// Delete sends a DELETE without a body.
func (c *Client) Delete(path string) *Answer { c.t.Helper(); return c.Do(http.MethodDelete, path, nil) }

// Post sends body as Do does.
func (c *Client) Post(path string, body any) *Answer {
	c.t.Helper()
	return c.Do(http.MethodPost, path, body)
}

// Patch sends body as Do does.
func (c *Client) Patch(path string, body any) *Answer {
	c.t.Helper()
	return c.Do(http.MethodPatch, path, body)
}

// Do sends a request. A string or []byte is sent as it is, nil as no body, anything else as JSON.
func (c *Client) Do(method, path string, body any) *Answer {
	c.t.Helper()
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, bytes.NewReader(c.bytes(body)))
	require.NoError(c.t, err)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request) // follows no redirect
	require.NoError(c.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	return &Answer{t: c.t, Status: response.StatusCode, Header: response.Header, Body: content}
}

func (c *Client) bytes(body any) []byte {
	c.t.Helper()
	switch body := body.(type) {
	case nil:
		return nil
	case string:
		return []byte(body)
	case []byte:
		return body
	}
	text, err := json.Marshal(body)
	require.NoError(c.t, err)
	return text
}

// An Answer is a whole response.
type Answer struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// Require fails the test unless the answer has that status.
func (a *Answer) Require(status int) *Answer {
	a.t.Helper()
	require.Equal(a.t, status, a.Status, "%s", a.Body)
	return a
}

// Into decodes the body.
func (a *Answer) Into(v any) *Answer {
	a.t.Helper()
	require.NoError(a.t, json.Unmarshal(a.Body, v), "%s", a.Body)
	return a
}

// Problem fails the test unless the answer is a problem of that status and code; fields are the parts of
// the input it must name, neither more nor less.
func (a *Answer) Problem(status int, code string, fields ...string) httpserver.Problem {
	a.t.Helper()
	a.Require(status)
	require.Equal(a.t, "application/problem+json", a.Header.Get("Content-Type"))
	var p httpserver.Problem
	a.Into(&p)
	require.Equal(a.t, "urn:pangaea:problem:"+code, p.Type, "%s", a.Body)
	require.Equal(a.t, status, p.Status)
	require.Equal(a.t, a.Header.Get("X-Request-Id"), p.RequestID)
	var named []string
	for _, field := range p.Errors {
		named = append(named, field.Name)
	}
	if len(fields) > 0 {
		require.ElementsMatch(a.t, fields, named, "%s", a.Body)
	}
	return p
}
