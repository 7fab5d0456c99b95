package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// An opened is the whole shop, running, and a member of staff who looks at it.
type opened struct {
	server *httpserver.Server
	api    *huma.OpenAPI
	staff  string // an access token
}

const password = "correct horse battery staple"

// open opens the shop on an empty folder, with further settings as names and values.
func open(t *testing.T, further ...string) *opened {
	t.Helper()
	return openWith(t, fx.Options(), further...)
}

// openWith opens the shop with something beside it.
func openWith(t *testing.T, beside fx.Option, further ...string) *opened {
	t.Helper()
	settings := map[string]string{
		"PANGAEA_DATA_DIR": t.TempDir(), "PANGAEA_HTTP_ADDR": "127.0.0.1:0", "PANGAEA_LOG_LEVEL": "error", "PANGAEA_RATE_LIMIT": "off",
		"PANGAEA_STAFF_PASSWORD": password, "PANGAEA_SIGN_IN_TRIES": "0", "PANGAEA_SIGN_IN_TRIES_PER_NETWORK": "0",
	}
	for i := 0; i+1 < len(further); i += 2 {
		settings[further[i]] = further[i+1]
	}
	var s opened
	shop := fx.New(monolith, beside, fx.Populate(&s.server), fx.Replace(config.Of(settings)))
	require.NoError(t, shop.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, shop.Stop(context.Background())) })
	s.api = s.server.OpenAPI()
	s.staff = s.signIn(t, "staff@pangaea.example")
	return &s
}

func (s *opened) signIn(t *testing.T, email string) string {
	t.Helper()
	var tokens struct {
		Access string `json:"access_token"`
	}
	answer := s.post(t, "/api/v1/tokens", map[string]string{"email": email, "password": password})
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s", answer.body)
	require.NoError(t, json.Unmarshal(answer.body, &tokens))
	return tokens.Access
}

// register returns the access token of a new customer.
func (s *opened) register(t *testing.T, email string) string {
	t.Helper()
	answer := s.post(t, "/api/v1/accounts", map[string]string{"email": email, "password": password, "name": "Ada"})
	require.Equal(t, http.StatusCreated, answer.StatusCode, "%s", answer.body)
	return s.signIn(t, email)
}

func (s *opened) post(t *testing.T, path string, body any) answered {
	t.Helper()
	text, err := json.Marshal(body)
	require.NoError(t, err)
	return s.send(t, request{method: http.MethodPost, path: path, body: text})
}

// operations are all that the description tells of, in a fixed order.
func (s *opened) operations() (list []*huma.Operation) {
	for _, path := range slices.Sorted(maps.Keys(s.api.Paths)) {
		item := s.api.Paths[path]
		for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if o != nil {
				list = append(list, o)
			}
		}
	}
	return list
}

func (s *opened) resolve(schema *huma.Schema) *huma.Schema {
	for schema.Ref != "" {
		schema = s.api.Components.Schemas.SchemaFromRef(schema.Ref)
	}
	return schema
}

// bodySchema is what an operation takes as JSON, or nil.
func (s *opened) bodySchema(o *huma.Operation) *huma.Schema {
	if o.RequestBody == nil || o.RequestBody.Content["application/json"] == nil {
		return nil
	}
	return o.RequestBody.Content["application/json"].Schema
}

// A request is a call of an operation.
type request struct {
	method, path, token string
	parameters          map[string]map[string]string // by place and name
	body                []byte
}

const idempotencyKey = "Idempotency-Key"

// clone is the same request, to be changed.
func (r request) clone() request {
	parameters := map[string]map[string]string{}
	for place, values := range r.parameters {
		parameters[place] = maps.Clone(values)
	}
	r.parameters = parameters
	if parameters["header"][idempotencyKey] != "" {
		parameters["header"][idempotencyKey] = uuid.NewString() // another request, not the same again
	}
	return r
}

// valid is a request whose input is as it should be, though what it names may not be there.
func (s *opened) valid(o *huma.Operation) request {
	r := request{method: o.Method, path: o.Path, token: s.staff, parameters: map[string]map[string]string{"path": {}, "query": {}, "header": {}, "cookie": {}}}
	for _, p := range o.Parameters {
		if p.Required {
			r.parameters[p.In][p.Name] = s.example(p.Schema).(string)
		}
	}
	if schema := s.bodySchema(o); schema != nil {
		r.body, _ = json.Marshal(s.example(schema))
	}
	return r
}

type answered struct {
	*http.Response
	body []byte
}

func (s *opened) send(t *testing.T, r request) answered {
	t.Helper()
	path, query := r.path, url.Values{}
	for name, value := range r.parameters["path"] {
		path = strings.Replace(path, "{"+name+"}", url.PathEscape(value), 1)
	}
	for name, value := range r.parameters["query"] {
		query.Set(name, value)
	}
	sent, err := http.NewRequestWithContext(t.Context(), r.method, "http://"+s.server.Address()+path+"?"+query.Encode(), bytes.NewReader(r.body))
	require.NoError(t, err)
	for name, value := range r.parameters["header"] {
		sent.Header.Set(name, value)
	}
	if r.token != "" {
		sent.Header.Set("Authorization", "Bearer "+r.token)
	}
	sent.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultTransport.RoundTrip(sent)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return answered{response, body}
}
