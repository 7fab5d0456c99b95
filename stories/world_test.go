package stories

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
)

// A world is what there is for requests to be about, found by looking around.
type world struct {
	things map[string]string // the id of one of the things of each kind: "orders" has an order's
	values map[string]string // a value for each field that names something: "line_id" has an order line's
}

// explores finds out what there is, by reading everything that can be read.
func (v visitor) explores(operations []operation) world {
	v.shop.t.Helper()
	w := world{things: map[string]string{}, values: map[string]string{}}
	for range 2 { // the second time with what was found the first time
		for _, o := range operations {
			if o.method != http.MethodGet || strings.HasSuffix(o.path, "/events") {
				continue
			}
			var content any
			got := v.sends(w.request(o, nil))
			if got.status == http.StatusOK && json.Unmarshal(got.body, &content) == nil {
				w.learn(o.path[strings.LastIndex(o.path, "/")+1:], content)
			}
		}
	}
	return w
}

// learn remembers ids out of what was read under a name.
func (w world) learn(name string, content any) {
	switch content := content.(type) {
	case map[string]any:
		for member, value := range content {
			if member == "items" {
				member = name
			}
			if text, ok := value.(string); ok && (member == "sku" || strings.HasSuffix(member, "_id")) {
				w.values[member] = text
			}
			w.learn(member, value)
		}
	case []any:
		for _, item := range content {
			if thing, ok := item.(map[string]any); ok {
				if id, ok := thing["id"].(string); ok {
					w.things[name] = id
				}
			}
			w.learn(name, item)
		}
	}
}

// everything makes a body complete.
func everything(string) bool { return true }

// request is one that is as the operation describes it, with these members in its body beside the required ones.
func (w world) request(o operation, also func(place string) bool) request {
	r := request{operation: o, segments: map[string]string{}, query: url.Values{}, headers: map[string]string{}}
	for _, p := range o.Parameters {
		switch value := text(w.value(p.Value.Schema, []any{p.Value.Name}, nil)); {
		case p.Value.In == openapi3.ParameterInPath:
			r.segments[p.Value.Name] = url.PathEscape(w.segment(o.path, p.Value.Name, value))
		case !p.Value.Required:
		case p.Value.In == openapi3.ParameterInQuery:
			r.query.Set(p.Value.Name, value)
		case p.Value.In == openapi3.ParameterInHeader:
			r.headers[p.Value.Name] = value
		}
	}
	if body := o.body(); body != nil {
		r.content = render(w.value(body, nil, also))
	}
	return r
}

// segment is a value for a parameter in a path: /orders/{id} takes the id of one of the orders.
func (w world) segment(path, name, otherwise string) string {
	before, _, _ := strings.Cut(path, "/{"+name+"}")
	if id := w.things[before[strings.LastIndex(before, "/")+1:]]; id != "" && name == "id" {
		return id
	}
	return otherwise
}

// value makes one that a schema allows.
func (w world) value(ref *openapi3.SchemaRef, place []any, also func(place string) bool) any {
	schema := ref.Value
	switch {
	case schema.Type.Is(openapi3.TypeObject):
		object := map[string]any{}
		for name, property := range schema.Properties {
			inner := append(slices.Clip(place), name)
			if slices.Contains(schema.Required, name) || also != nil && also(nameOf(inner)) {
				object[name] = w.value(property, inner, also)
			}
		}
		return object
	case schema.Type.Is(openapi3.TypeArray):
		return []any{w.value(schema.Items, append(slices.Clip(place), 0), also)}
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type.Is(openapi3.TypeBoolean):
		return false
	case schema.Type.Is(openapi3.TypeString):
		return w.text(schema, place)
	case schema.Min != nil:
		return max(1, *schema.Min)
	}
	return 1
}

func (w world) text(schema *openapi3.Schema, place []any) string {
	samples := []string{"KNOB", "GB", "GBP", uuid.NewString(), time.Now().UTC().Format(time.RFC3339), strings.Repeat("x", int(schema.MinLength))}
	if name, ok := append([]any{0}, place...)[len(place)].(string); ok {
		samples = append([]string{w.values[name]}, samples...)
	}
	i := slices.IndexFunc(samples, func(s string) bool { return s != "" && schema.VisitJSON(s) == nil })
	return samples[max(i, 0)]
}

func render(value any) []byte {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return raw
}

// text is a value as it stands in a path, a query or a header.
func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return string(render(value))
}
