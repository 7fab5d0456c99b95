package httpserver_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/httpserver/httpservertest"
)

type thing struct {
	Name     string `json:"name" minLength:"1" maxLength:"20"`
	Quantity int64  `json:"quantity,omitempty" minimum:"1" maximum:"9007199254740991"`
}

type makeInput struct {
	Body struct {
		Things []thing `json:"things" minItems:"1" maxItems:"3"`
	}
}

type thingsOutput struct {
	Body httpserver.Page[thing]
}

type listInput struct {
	httpserver.PageRequest
	Kind string `query:"kind" maxLength:"10"`
}

// sample mounts an API of a few operations.
func sample(api huma.API) {
	huma.Post(api, "/api/v1/things", func(_ context.Context, in *makeInput) (*thingsOutput, error) {
		return &thingsOutput{httpserver.Page[thing]{Items: in.Body.Things}}, nil
	}, auth.Anyone, httpserver.Status(http.StatusAccepted), httpserver.Summary("Make things"))
	huma.Get(api, "/api/v1/things", func(_ context.Context, in *listInput) (*thingsOutput, error) {
		if _, err := httpserver.After[string](in.PageRequest); err != nil {
			return nil, err
		}
		return &thingsOutput{httpserver.NewPage(in.PageRequest, []thing{{Name: "a"}}, func(last thing) string { return last.Name })}, nil
	}, auth.Anyone)
	huma.Get(api, "/api/v1/mine", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, auth.SignedIn)
	huma.Get(api, "/api/v1/staff", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, auth.Staff)
	huma.Get(api, "/api/v1/operator", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }, auth.Operator)
	huma.Get(api, "/api/v1/errors/{kind}", fail, auth.Anyone)
}

func fail(_ context.Context, in *struct {
	Kind string `path:"kind" maxLength:"20"`
},
) (*struct{}, error) {
	switch in.Kind {
	case "panic":
		panic("secret")
	case "plain":
		return nil, errors.New("secret")
	case "dispatched":
		return nil, fault.New(fault.Conflict, "too late").WithCode("already-dispatched").WithDetail("offer", "return").WithDetail("status", "x")
	case "full", "lost":
		kind := map[string]fault.Kind{"full": fault.Unavailable, "lost": fault.Unknown}[in.Kind]
		return nil, fault.New(kind, "secret: %w", errors.New("more secret"))
	case "busy":
		return nil, fault.New(fault.Unavailable, "come again").After(1500e6)
	case "wrong":
		return nil, fault.Wrong("items[0].sku", "is not sold here")
	}
	return nil, fault.New(fault.NotFound, "no such thing: %w", errors.New("cause"))
}

func TestBadInputIsRefusedByName(t *testing.T) {
	api := httpservertest.New(t, sample)
	for body, want := range map[string]struct {
		status int
		code   string
		field  string
	}{
		`{"things":[{"name":"a"}]}`:              {202, "", ""},
		``:                                       {400, "malformed", ""},
		`{`:                                      {400, "malformed", ""},
		`{"things":[{"name":"a"}]}{}`:            {400, "malformed", ""},
		`{"things":[{"name":"a"}],"things":[]}`:  {400, "malformed", ""},
		`{"things":[{"name":"\u0000"}]}`:         {400, "malformed", ""},
		"{\"things\":[{\"name\":\"\xff\"}]}":     {400, "malformed", ""},
		strings.Repeat("[", 100000):              {400, "malformed", ""},
		`{"things":[{"name":"a"}],"admin":true}`: {422, "invalid", "admin"},
		`{"things":[{"name":"a","Name":"b"}]}`:   {422, "invalid", "things[0].Name"},
		`{"Things":[{"name":"a"}],"things":[]}`:  {422, "invalid", "Things things"},
		`{"things":[{"name":""}]}`:               {422, "invalid", "things[0].name"},
		`{"things":[{}]}`:                        {422, "invalid", "things[0].name"},
		`{}`:                                     {422, "invalid", "things"},
		`[]`:                                     {422, "invalid", ""},
		`{"things":null}`:                        {422, "invalid", "things"},
		`{"things":[]}`:                          {422, "invalid", "things"},
		`{"things":[{"name":"a","quantity":1.0}]}`:                         {422, "invalid", "things[0].quantity"},
		`{"things":[{"name":"a","quantity":1e2}]}`:                         {422, "invalid", "things[0].quantity"},
		`{"things":[{"name":"a","quantity":"100"}]}`:                       {422, "invalid", "things[0].quantity"},
		`{"things":[{"name":"a","quantity":-1}]}`:                          {422, "invalid", "things[0].quantity"},
		`{"things":[{"name":"a","quantity":1e300}]}`:                       {422, "invalid", "things[0].quantity"},
		`{"things":[{"quantity":1e400,"name":"a"}]}`:                       {400, "malformed", "things[0].quantity"},
		`{"things":[{"name":"a","quantity":1e400}]}`:                       {400, "malformed", "things[0].quantity"},
		`{"things":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]}`: {422, "invalid", "things"},
		`{"things":[{"name":"` + strings.Repeat("a", 21) + `"}]}`:          {422, "invalid", "things[0].name"},
	} {
		t.Run(body[:min(len(body), 60)], func(t *testing.T) {
			answer := api.Post("/api/v1/things", body)
			if want.code == "" {
				answer.Require(want.status)
				return
			}
			answer.Problem(want.status, want.code, strings.Fields(want.field)...)
		})
	}
}

func TestQueriesAreCheckedToo(t *testing.T) {
	api := httpservertest.New(t, sample)
	for query, field := range map[string]string{
		"page_size=0": "page_size", "page_size=1000000000": "page_size", "page_size=x": "page_size",
		"kind=" + strings.Repeat("x", 11): "kind", "kind=a&kind=b": "kind", "colour=red": "colour",
	} {
		api.Get("/api/v1/things?"+query).Problem(http.StatusUnprocessableEntity, "invalid", field)
	}
	api.Get("/api/v1/things?page_token=x").Problem(http.StatusBadRequest, "malformed", "page_token")
	api.Get("/api/v1/things?kind=%ff").Problem(http.StatusBadRequest, "malformed")
	api.Get("/api/v1/things?kind=%00").Problem(http.StatusBadRequest, "malformed")
	api.Get("/api/v1/things?"+strings.Repeat("a=1&", 1000)).Problem(http.StatusBadRequest, "malformed")
	api.Get("/api/v1/things?" + strings.Repeat("a=1&", 10000)).Require(http.StatusRequestHeaderFieldsTooLarge)
	require.JSONEq(t, `{"items":[{"name":"a"}],"next_page_token":""}`, string(api.Get("/api/v1/things").Require(http.StatusOK).Body))
}

func TestErrorsAreToldByKind(t *testing.T) {
	api := httpservertest.New(t, sample)

	missing := api.Get("/api/v1/errors/any").Problem(http.StatusNotFound, "not-found")
	require.Equal(t, "no such thing: cause", missing.Detail)
	require.Equal(t, "/api/v1/errors/any", missing.Instance)
	require.Equal(t, "Not found", missing.Title)

	dispatched := api.Get("/api/v1/errors/dispatched")
	dispatched.Problem(http.StatusConflict, "already-dispatched")
	require.Contains(t, string(dispatched.Body), `"offer":"return"`)

	busy := api.Get("/api/v1/errors/busy")
	busy.Problem(http.StatusServiceUnavailable, "unavailable")
	require.Equal(t, "2", busy.Header.Get("Retry-After"))

	api.Get("/api/v1/errors/wrong").Problem(http.StatusUnprocessableEntity, "invalid", "items[0].sku")
	for _, kind := range []string{"plain", "panic"} {
		answer := api.Get("/api/v1/errors/" + kind)
		answer.Problem(http.StatusInternalServerError, "internal")
		require.NotContains(t, string(answer.Body), "secret")
	}
	for kind, code := range map[string]string{"full": "unavailable", "lost": "outcome-unknown"} {
		answer := api.Get("/api/v1/errors/" + kind)
		require.Contains(t, answer.Problem(http.StatusServiceUnavailable, code).Detail, "again")
		require.NotContains(t, string(answer.Body), "secret")
	}
}

func TestAccessIsEnforced(t *testing.T) {
	api := httpservertest.New(t, sample)
	for path, status := range map[string][4]int{ // anonymous, customer, staff, operator
		"/api/v1/things":   {200, 200, 200, 200},
		"/api/v1/mine":     {401, 204, 204, 204},
		"/api/v1/staff":    {401, 403, 204, 403},
		"/api/v1/operator": {401, 403, 403, 204},
	} {
		api.Get(path).Require(status[0])
		for i, role := range []string{auth.RoleCustomer, auth.RoleStaff, auth.RoleOperator} {
			api.As("alice", role).Get(path).Require(status[i+1])
		}
		api.With("Authorization", "Bearer nonsense").Get(path).Problem(http.StatusUnauthorized, "unauthenticated")
	}
}

func TestAnOperationThatDoesNotSayWhoMayCallItStopsTheStart(t *testing.T) {
	require.PanicsWithValue(t,
		"GET /open does not say who may call it: give it auth.Anyone, auth.SignedIn, auth.Staff or auth.Operator",
		func() {
			httpservertest.New(t, func(api huma.API) {
				huma.Get(api, "/open", func(context.Context, *struct{}) (*struct{}, error) { return nil, nil })
			})
		})
}

func TestUnknownRoutesAreProblems(t *testing.T) {
	api := httpservertest.New(t, sample)
	api.Get("/api/v1/nothing").Problem(http.StatusNotFound, "not-found")
	api.Get("/api/v1/things/").Problem(http.StatusNotFound, "not-found")
	api.Delete("/api/v1/things").Problem(http.StatusMethodNotAllowed, "method-not-allowed")
	api.Do(http.MethodTrace, "/api/v1/things", nil).Problem(http.StatusMethodNotAllowed, "method-not-allowed")
	for _, path := range []string{"/api/v1/things%2fx", "/api%2Fv1/things", "/api/v1/errors/%00", "/api/v1/errors/..%5cx", "/api/v1/errors/%ff", "/api/v1/errors/%0a"} {
		api.Get(path).Problem(http.StatusBadRequest, "malformed")
	}
	require.Empty(t, api.Do(http.MethodHead, "/api/v1/things", nil).Require(http.StatusOK).Body)
}

func TestBodiesAreBoundedAndPlain(t *testing.T) {
	api := httpservertest.New(t, sample)
	api.Post("/api/v1/things", strings.Repeat(" ", 1<<20+1)).Problem(http.StatusRequestEntityTooLarge, "too-large")
	good := `{"things":[{"name":"a"}]}`
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin1", "application/xml", "nonsense/"} {
		api.With("Content-Type", kind).Post("/api/v1/things", good).Problem(http.StatusUnsupportedMediaType, "unsupported-media-type")
	}
	api.With("Content-Type", "application/json; charset=UTF-8").Post("/api/v1/things", good).Require(http.StatusAccepted)
	api.With("Content-Encoding", "gzip").Post("/api/v1/things", good).Problem(http.StatusUnsupportedMediaType, "unsupported-media-type")
}

func TestOtherSitesMayNotActForTheCustomer(t *testing.T) {
	api := httpservertest.New(t, sample)
	good := `{"things":[{"name":"a"}]}`
	api.With("Sec-Fetch-Site", "cross-site").Post("/api/v1/things", good).Problem(http.StatusForbidden, "cross-origin")
	api.With("Origin", "https://evil.example").Post("/api/v1/things", good).Problem(http.StatusForbidden, "cross-origin")
	api.With("Sec-Fetch-Site", "same-origin").Post("/api/v1/things", good).Require(http.StatusAccepted)
}
