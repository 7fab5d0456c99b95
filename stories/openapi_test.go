package stories

import (
	"encoding/json"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// An operation is what the shop's own description says can be done.
type operation struct {
	*openapi3.Operation
	method, path string
	access       string // anyone, signed-in, staff or operator
}

func (o operation) String() string { return o.method + " " + o.path }

// body is the schema of what the operation takes, or nil.
func (o operation) body() *openapi3.SchemaRef {
	if o.RequestBody == nil {
		return nil
	}
	if media := o.RequestBody.Value.Content["application/json"]; media != nil {
		return media.Schema
	}
	return nil
}

// operations asks the shop what it can do.
func (s *shop) operations() (all []operation) {
	s.t.Helper()
	description := s.nobody().call(http.MethodGet, "/openapi.json", nil)
	document, err := openapi3.NewLoader().LoadFromData(description.body)
	require.NoError(s.t, err)
	require.NoError(s.t, document.Validate(s.t.Context()))
	for path, item := range document.Paths.Map() {
		for method, o := range item.Operations() {
			access, ok := o.Extensions["x-access"].(string)
			require.True(s.t, ok, "%s %s does not say who may call it", method, path)
			all = append(all, operation{o, method, path, access})
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all
}

// A request is a call of an operation that is yet to be sent.
type request struct {
	operation
	segments map[string]string // path parameters, escaped
	query    url.Values
	suffix   string // goes after the query as it is
	headers  map[string]string
	content  []byte
}

// clone is the same request, to be changed, with an Idempotency-Key of its own.
func (r request) clone() request {
	r.segments, r.query, r.headers = maps.Clone(r.segments), maps.Clone(r.query), maps.Clone(r.headers)
	if r.headers["Idempotency-Key"] != "" {
		r.headers["Idempotency-Key"] = uuid.NewString()
	}
	return r
}

func (r request) address() string {
	address := r.path
	for name, value := range r.segments {
		address = strings.ReplaceAll(address, "{"+name+"}", value)
	}
	query := strings.Trim(r.query.Encode()+"&"+r.suffix, "&")
	if query == "" {
		return address
	}
	return address + "?" + query
}

// sends makes a visitor send a request.
func (v visitor) sends(r request) answer {
	v.shop.t.Helper()
	var body any
	if r.content != nil {
		body = r.content
	}
	var headers []string
	for name, value := range r.headers {
		headers = append(headers, name, value)
	}
	got, err := v.try(r.method, r.address(), body, headers...)
	require.NoError(v.shop.t, err, "%s %s %.300s", r.method, r.address(), r.content)
	return got
}

// fits expects that an answer is as the operation describes it.
func (o operation) fits(a answer) string {
	response := o.Responses.Status(a.status)
	if response == nil {
		response = o.Responses.Default()
	}
	if response == nil {
		return "its status is not described"
	}
	kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	media := response.Value.Content[kind]
	if media == nil || media.Schema == nil || !strings.HasSuffix(kind, "json") {
		if len(a.body) > 0 && media == nil {
			return "its media type " + kind + " is not described"
		}
		return ""
	}
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		return err.Error()
	}
	if err := media.Schema.Value.VisitJSON(value); err != nil {
		return err.Error()
	}
	return ""
}
