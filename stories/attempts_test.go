package stories

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// An attempt is a request in which one thing is unusual.
type attempt struct {
	request
	what     string
	statuses []int    // what it may be refused with; none: the description allows it
	fields   []string // of which the refusal names one; none: it need not
	unknown  bool     // it names something that is not there
}

func (a attempt) String() string { return a.method + " " + a.path + " with " + a.what }

// forbidden are calls of an operation that its description does not allow: all that can be wrong, one at a time.
func (w world) forbidden(o operation) (all []attempt) {
	base := w.request(o, everything)
	all = attemptsAround(base)
	if o.body() != nil {
		all = append(all, attemptsAtDocument(base)...)
	}
	for _, p := range places(o.body(), nil) {
		all = append(all, attemptsAt(base, p)...)
	}
	return slices.DeleteFunc(all, func(a attempt) bool { return a.statuses == nil })
}

// allowed are calls of an operation that are unusual and as its description allows.
func (w world) allowed(o operation) (all []attempt) {
	least := w.request(o, nil)
	all = append(attemptsAround(least), attempt{request: least, what: "the least"})
	for _, p := range places(o.body(), nil) {
		base := w.request(o, func(place string) bool { return leads(place, nameOf(p.path)) })
		all = append(all, attempt{request: base, what: nameOf(p.path)})
		all = append(all, attemptsAt(base, p)...)
	}
	return slices.DeleteFunc(all, func(a attempt) bool { return a.statuses != nil })
}

// leads reports whether a place contains another: items[0] leads to items[0].sku.
func leads(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// A place is where in a body a value of a schema stands.
type place struct {
	path   []any
	schema *openapi3.Schema
}

// places are all of those in a body.
func places(ref *openapi3.SchemaRef, path []any) (all []place) {
	if ref == nil {
		return nil
	}
	all = append(all, place{path, ref.Value})
	if ref.Value.Type.Is(openapi3.TypeArray) {
		return append(all, places(ref.Value.Items, append(slices.Clip(path), 0))...)
	}
	for _, name := range slices.Sorted(maps.Keys(ref.Value.Properties)) {
		all = append(all, places(ref.Value.Properties[name], append(slices.Clip(path), name))...)
	}
	return all
}

// attemptsAround are a request with one thing at a time that is unusual, other than in its body.
func attemptsAround(base request) (all []attempt) {
	all = attemptsAtQuery(base)
	for _, p := range base.Parameters {
		all = append(all, attemptsAtParameter(base, p.Value)...)
	}
	return all
}

// attemptsAtQuery are what any operation has to refuse.
func attemptsAtQuery(base request) (all []attempt) {
	add := func(what, suffix string, status int, fields ...string) {
		r := base.clone()
		r.suffix = suffix
		all = append(all, attempt{request: r, what: what, statuses: []int{status}, fields: fields})
	}
	add("an unknown parameter", "undreamt_of=1", http.StatusUnprocessableEntity, "undreamt_of")
	add("a query that is none", "a=%zz", http.StatusBadRequest)
	add("a semicolon in the query", "a=1;b=2", http.StatusBadRequest)
	add("zero in the query", "a=%00", http.StatusBadRequest)
	add("no UTF-8 in the query", "a=%ff", http.StatusBadRequest)
	add("a huge query", strings.Repeat("a", 10_000), http.StatusBadRequest)
	add("many parameters", strings.Repeat("a=1&", 1000), http.StatusBadRequest)
	return all
}

// attemptsAtParameter are what may be sent instead of a parameter's value.
func attemptsAtParameter(base request, p *openapi3.Parameter) (all []attempt) {
	add := func(what string, statuses []int, change func(*request)) *attempt {
		r := base.clone()
		change(&r)
		all = append(all, attempt{request: r, what: p.Name + " " + what, statuses: statuses, fields: []string{p.Name}})
		return &all[len(all)-1]
	}
	wrong, unparsable := []int{http.StatusUnprocessableEntity}, []int{http.StatusBadRequest}
	for _, value := range unusualTexts(p) {
		statuses := wrong
		switch {
		case value == "" && p.Required: // the key without which there is no telling a repetition
			statuses = unparsable
		case p.Name == "page_token" && value != "": // opaque: nobody may make one up
			statuses = append(statuses, unparsable...)
		case value == "": // as good as left out
			statuses = nil
		case readable(p.Schema.Value, value):
			statuses = nil
		}
		a := add(fmt.Sprintf("= %.40q", value), statuses, func(r *request) { r.set(p, value) })
		if statuses == nil && p.In == openapi3.ParameterInPath && p.Name == "id" {
			a.statuses, a.fields = []int{http.StatusNotFound}, nil
		}
	}
	switch p.In {
	case openapi3.ParameterInQuery:
		add("twice", wrong, func(r *request) { r.query[p.Name] = []string{"1", "1"} })
		shouted := strings.ToUpper(p.Name)
		add("in another case", wrong, func(r *request) { r.query.Set(shouted, "1") }).fields = []string{shouted}
	case openapi3.ParameterInHeader:
		add("twice", wrong, func(r *request) { r.headers[p.Name] = "1\n2" })
		if p.Required {
			add("missing", unparsable, func(r *request) { delete(r.headers, p.Name) })
		}
	case openapi3.ParameterInPath:
		for _, value := range []string{"%00", "%ff", "a%2fb", "%5c"} {
			add(value, unparsable, func(r *request) { r.segments[p.Name] = value }).fields = nil
		}
	}
	return all
}

func (r *request) set(p *openapi3.Parameter, value string) {
	switch p.In {
	case openapi3.ParameterInPath:
		r.segments[p.Name] = url.PathEscape(value)
	case openapi3.ParameterInQuery:
		r.query.Set(p.Name, value)
	case openapi3.ParameterInHeader:
		r.headers[p.Name] = value
	case openapi3.ParameterInCookie:
		r.headers["Cookie"] = p.Name + "=" + value
	}
}

// readable reports whether a parameter's text is a value that its schema allows.
func readable(schema *openapi3.Schema, value string) bool {
	if !schema.Type.Is(openapi3.TypeInteger) {
		return schema.VisitJSON(value) == nil
	}
	number, err := strconv.ParseInt(value, 10, 64)
	return err == nil && schema.VisitJSON(float64(number)) == nil
}

// attemptsAtDocument are bodies that are no document of this operation at all.
func attemptsAtDocument(base request) (all []attempt) {
	add := func(what string, status int, content string, contentType string) {
		r := base.clone()
		r.content, r.headers["Content-Type"] = []byte(content), contentType
		all = append(all, attempt{request: r, what: what, statuses: []int{status}})
	}
	const json, unparsable, untaken = "application/json", http.StatusBadRequest, http.StatusUnsupportedMediaType
	good := string(base.content)
	for i := range 4 {
		add("a body cut off", unparsable, good[:1+i*(len(good)-2)/4], json)
	}
	add("no body", unparsable, "", json)
	add("two documents", unparsable, good+good, json)
	add("a comment", unparsable, good+"// so", json)
	add("single quotes", unparsable, strings.ReplaceAll(good, `"`, "'"), json)
	add("a byte order mark", unparsable, "\xef\xbb\xbf"+good, json)
	add("UTF-16", unparsable, "\xff\xfe{\x00}\x00", json)
	add("NaN", unparsable, `{"a":NaN}`, json)
	add("deep nesting", unparsable, strings.Repeat(`{"a":`, 100)+"1"+strings.Repeat("}", 100), json)
	add("abysmal nesting", unparsable, strings.Repeat("[", 400_000), json)
	add("2 MiB", http.StatusRequestEntityTooLarge, `{"a":"`+strings.Repeat("x", 2<<20)+`"}`, json)
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "application/json; charset=utf-16", "*/*", "json"} {
		add("content type "+kind, untaken, good, kind)
	}
	add("a form", untaken, "a=1&b=2", "application/x-www-form-urlencoded")
	for _, document := range []string{"null", "[]", `"x"`, "7", "true"} {
		add("the document "+document, http.StatusUnprocessableEntity, document, json)
	}
	return all
}

// attemptsAt are what may stand in a place of a body instead of its value.
func attemptsAt(base request, p place) (all []attempt) {
	if len(p.path) > 0 {
		for _, raw := range unusualValues(p.schema) {
			all = append(all, base.with(p.path, raw))
		}
	}
	if p.schema.Type.Is(openapi3.TypeObject) {
		all = append(all, attemptsAtMembers(base, p.path)...)
	}
	return all
}

// attemptsAtMembers are objects with the wrong members.
func attemptsAtMembers(base request, place []any) (all []attempt) {
	var object map[string]json.RawMessage
	if err := json.Unmarshal(at(base.content, place), &object); err != nil {
		panic(err)
	}
	with := func(change func(map[string]json.RawMessage)) {
		changed := maps.Clone(object)
		change(changed)
		all = append(all, base.with(place, string(render(changed))))
	}
	for _, extra := range []string{"undreamt_of", "__proto__", "is_admin"} {
		with(func(o map[string]json.RawMessage) { o[extra] = json.RawMessage("true") })
	}
	for name, value := range object {
		with(func(o map[string]json.RawMessage) { delete(o, name) })
		with(func(o map[string]json.RawMessage) { delete(o, name); o[strings.ToUpper(name[:1])+name[1:]] = value })

		twice := base.with(place, `{"`+name+`":`+string(value)+","+string(render(object))[1:])
		twice.what = name + " twice"
		twice.statuses, twice.fields = []int{http.StatusBadRequest}, nil
		all = append(all, twice)
	}
	return all
}

// with is the request with a value put in a place of its body, judged by the description.
func (r request) with(place []any, raw string) attempt {
	a := attempt{request: r.clone(), what: fmt.Sprintf("%s = %.60s", nameOf(place), raw)}
	var document any
	if err := json.Unmarshal(r.content, &document); err != nil {
		panic(err)
	}
	a.content = render(put(document, place, json.RawMessage(raw)))
	if bytes.Contains(a.content, []byte(`\u0000`)) || bytes.Contains(a.content, []byte(`\ud800`)) {
		a.statuses = []int{http.StatusBadRequest} // text that nobody can store or show
	} else if a.fields = misfits(r.body().Value, a.content); len(a.fields) > 0 {
		a.statuses = []int{http.StatusUnprocessableEntity}
	}
	if _, err := strconv.ParseFloat(raw, 64); errors.Is(err, strconv.ErrRange) {
		a.statuses = append(a.statuses, http.StatusBadRequest) // no parser need have room for it
	}
	name, _ := append([]any{""}, place...)[len(place)].(string)
	a.unknown = raw != "null" && (strings.HasSuffix(name, "_id") || name == "sku" && len(place) > 1)
	return a
}
