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

// request is one that is as the operation describes it, with these members of the body beside the required ones.
func (w world) request(o operation, members func(name string) bool) request {
	r := request{operation: o, segments: map[string]string{}, query: url.Values{}, headers: map[string]string{}}
	for _, p := range o.Parameters {
		value := w.value(p.Value.Name, p.Value.Schema)
		switch {
		case p.Value.In == openapi3.ParameterInPath:
			r.segments[p.Value.Name] = url.PathEscape(w.segment(o.path, p.Value))
		case !p.Value.Required:
		case p.Value.In == openapi3.ParameterInQuery:
			r.query.Set(p.Value.Name, text(value))
		case p.Value.In == openapi3.ParameterInHeader:
			r.headers[p.Value.Name] = text(value)
		}
	}
	if body := o.body(); body != nil {
		r.content = render(w.object(body.Value, members))
	}
	return r
}

// segment is a value for a parameter in a path: /orders/{id} takes the id of one of the orders.
func (w world) segment(path string, p *openapi3.Parameter) string {
	before, _, _ := strings.Cut(path, "/{"+p.Name+"}")
	if id := w.things[before[strings.LastIndex(before, "/")+1:]]; id != "" && p.Name == "id" {
		return id
	}
	return text(w.value(p.Name, p.Schema))
}

// value makes one that a schema allows.
func (w world) value(name string, ref *openapi3.SchemaRef) any {
	schema := ref.Value
	switch {
	case schema.Type.Is(openapi3.TypeObject):
		return w.object(schema, func(string) bool { return true })
	case schema.Type.Is(openapi3.TypeArray):
		return []any{w.value(name, schema.Items)}
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	case schema.Type.Is(openapi3.TypeBoolean):
		return false
	case schema.Type.Is(openapi3.TypeString):
		samples := []string{w.values[name], "KNOB", "GB", "GBP", uuid.NewString(), time.Now().UTC().Format(time.RFC3339)}
		samples = append(samples, strings.Repeat("x", int(schema.MinLength)))
		i := slices.IndexFunc(samples, func(s string) bool { return s != "" && schema.VisitJSON(s) == nil })
		return samples[max(i, 0)]
	}
	if schema.Min != nil {
		return max(1, *schema.Min)
	}
	return 1.0
}

// object has its required members, and others where asked for.
func (w world) object(schema *openapi3.Schema, also func(name string) bool) map[string]any {
	object := map[string]any{}
	for name, property := range schema.Properties {
		if slices.Contains(schema.Required, name) || also != nil && also(name) {
			object[name] = w.value(name, property)
		}
	}
	return object
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
