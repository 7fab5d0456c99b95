package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Every operation is tried with every way in which its input can be wrong, found from its description:
// none may be accepted, none may break the shop, and each must be named.
func TestWrongInputIsRefusedByName(t *testing.T) {
	shop := open(t)
	requests := 0
	for _, o := range shop.operations() {
		t.Run(o.OperationID, func(t *testing.T) {
			base := shop.valid(o)
			first := shop.send(t, base)
			require.Less(t, first.StatusCode, 500, "%s", first.body)
			shop.requireDescribed(t, o, first)
			for _, wrong := range shop.wrong(o, base) {
				requests++
				answer := shop.send(t, wrong.request)
				p := problem(t, answer, wrong.what)
				shop.requireDescribed(t, o, answer)
				if answer.StatusCode == http.StatusUnprocessableEntity && wrong.field != "" {
					require.Contains(t, names(p), wrong.field, wrong.what)
				}
			}
		})
	}
	require.Greater(t, requests, 500, "the description says too little to try anything")
}

// Whoever may not call an operation is told so, whatever else is wrong with the request.
func TestOperationsAreOnlyForWhomTheyAreFor(t *testing.T) {
	shop := open(t)
	customer := shop.register(t, "ada@example.org")
	for _, o := range shop.operations() {
		access, _ := auth.AccessOf(o)
		for who, test := range map[string]struct {
			token  string
			denied map[auth.Access]int
		}{
			"anonymous":  {"", map[auth.Access]int{auth.BySignedIn: 401, auth.ByStaff: 401, auth.ByOperator: 401}},
			"a customer": {customer, map[auth.Access]int{auth.ByStaff: 403, auth.ByOperator: 403}},
			"a forger":   {"a.b.c", map[auth.Access]int{auth.ByAnyone: 401, auth.BySignedIn: 401, auth.ByStaff: 401, auth.ByOperator: 401}},
		} {
			if want, denied := test.denied[access]; denied {
				request := shop.valid(o)
				request.token = test.token
				require.Equal(t, want, shop.send(t, request).StatusCode, "%s as %s", o.OperationID, who)
			}
		}
	}
}

// What comes in has a bound, so that nobody can make the shop keep or search through too much.
func TestEveryInputIsBounded(t *testing.T) {
	shop := open(t)
	for _, o := range shop.operations() {
		for _, p := range o.Parameters {
			shop.requireBounds(t, o.OperationID+" "+p.Name, p.Schema)
		}
		if schema := shop.bodySchema(o); schema != nil {
			shop.requireBounds(t, o.OperationID+" body", schema)
		}
	}
}

func (s *opened) requireBounds(t *testing.T, where string, schema *huma.Schema) {
	t.Helper()
	if strings.HasSuffix(schema.Ref, "/Money") {
		return // 64 bits and a currency; what may be paid is for the module to say
	}
	schema = s.resolve(schema)
	switch schema.Type {
	case huma.TypeString:
		require.True(t, schema.MaxLength != nil || schema.Enum != nil || schema.Format != "", "%s has no maxLength", where)
	case huma.TypeInteger, huma.TypeNumber:
		require.True(t, schema.Minimum != nil || schema.ExclusiveMinimum != nil, "%s has no minimum", where)
	case huma.TypeArray:
		require.NotNil(t, schema.MaxItems, "%s has no maxItems", where)
		s.requireBounds(t, where+"[]", schema.Items)
	case huma.TypeObject:
		require.Equal(t, false, schema.AdditionalProperties, "%s takes unknown fields", where)
		for name, property := range schema.Properties {
			s.requireBounds(t, where+"."+name, property)
		}
	}
}

// requireDescribed requires that an answer is one of those that the operation's description tells of.
func (s *opened) requireDescribed(t *testing.T, o *huma.Operation, answer answered) {
	t.Helper()
	response := o.Responses[strconv.Itoa(answer.StatusCode)]
	if response == nil && answer.StatusCode >= 400 {
		response = o.Responses["default"]
	}
	require.NotNil(t, response, "%d is not described", answer.StatusCode)
	if len(answer.body) == 0 {
		return
	}
	media := response.Content[answer.Header.Get("Content-Type")]
	if media == nil || media.Schema == nil {
		return
	}
	var body any
	require.NoError(t, json.Unmarshal(answer.body, &body))
	found := &huma.ValidateResult{}
	huma.Validate(s.api.Components.Schemas, media.Schema, huma.NewPathBuffer(nil, 0), huma.ModeReadFromServer, body, found)
	require.Empty(t, found.Errors, "%s", answer.body)
}

// problem requires that an answer is a refusal in the form that every error has.
func problem(t *testing.T, answer answered, what string) httpserver.Problem {
	t.Helper()
	require.GreaterOrEqual(t, answer.StatusCode, 400, "%s is accepted: %s", what, answer.body)
	require.Less(t, answer.StatusCode, 500, "%s: %s", what, answer.body)
	require.Equal(t, "application/problem+json", answer.Header.Get("Content-Type"), what)
	var p httpserver.Problem
	require.NoError(t, json.Unmarshal(answer.body, &p), what)
	require.True(t, strings.HasPrefix(p.Type, "urn:pangaea:problem:"), what)
	require.Equal(t, answer.StatusCode, p.Status, what)
	require.NotEmpty(t, p.RequestID, what)
	return p
}

func names(p httpserver.Problem) (names []string) {
	for _, field := range p.Errors {
		names = append(names, field.Name)
	}
	return names
}

// A wrong is a request with one thing wrong in it.
type wrong struct {
	what    string
	field   string
	request request
}

// wrong returns the base request with every single thing made wrong that the description tells of.
func (s *opened) wrong(o *huma.Operation, base request) (list []wrong) {
	for _, p := range o.Parameters {
		if p.In == "cookie" {
			continue
		}
		for _, value := range s.wrongValues(p.Schema) {
			text, isText := value.(string)
			if !isText || text == "" || p.In == "header" && strings.ContainsAny(text, "\x00\x7f") {
				continue
			}
			changed := base.clone()
			changed.parameters[p.In][p.Name] = text
			list = append(list, wrong{fmt.Sprintf("%s=%.40q", p.Name, text), p.Name, changed})
		}
	}
	schema := s.bodySchema(o)
	if schema == nil {
		return list
	}
	for _, raw := range []string{"", "{", "null", "[]", `"x"`, `{"a":1,"a":2}`, string(base.body) + "{}", "\xff", strings.Repeat("[", 1e5)} {
		changed := base.clone()
		changed.body = []byte(raw)
		list = append(list, wrong{fmt.Sprintf("body %.20q", raw), "", changed})
	}
	for _, m := range s.mutations(schema, "") {
		changed := base.clone()
		changed.body = m.apply(base.body)
		list = append(list, wrong{fmt.Sprintf("%s %s", m.field, m.what), m.field, changed})
	}
	return list
}
