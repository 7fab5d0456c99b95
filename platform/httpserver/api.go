package httpserver

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
	"github.com/gin-gonic/gin"

	"github.com/pangaea-shop/pangaea/platform/auth"
)

// A Route is an operation that a module answers.
type Route struct {
	Method string      `json:"method"`
	Path   string      `json:"path"`
	Module string      `json:"module"`
	Access auth.Access `json:"access"`
}

// Routes lists what modules have mounted so far, by path and method.
func (s *Server) Routes() []Route {
	routes := slices.Clone(s.routes)
	slices.SortFunc(routes, func(a, b Route) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Method, b.Method))
	})
	return routes
}

// Mount has handler answer a route that another process describes (see [Server.Describe]). Whoever may not
// call it is refused here.
func (s *Server) Mount(route Route, handler http.Handler) {
	s.routes = append(s.routes, route)
	s.Handle(route.Method, ginPattern(route.Path), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := auth.Permit(r.Context(), route.Access); err != nil {
			Refuse(w, r, err)
			return
		}
		handler.ServeHTTP(w, r)
	}))
}

// ginPattern writes a path such as /orders/{id} as gin does.
func ginPattern(path string) string { return strings.NewReplacer("{", ":", "}", "").Replace(path) }

// API is where a module mounts its routes.
func (s *Server) API(module string) huma.API {
	group := huma.NewGroup(s.api)
	group.UseSimpleModifier(func(o *huma.Operation) {
		o.Metadata[moduleKey] = module
		if len(o.Tags) == 0 {
			o.Tags = []string{module}
		}
	})
	return group
}

const moduleKey = "module"

// OpenAPI describes every operation mounted so far.
func (s *Server) OpenAPI() *huma.OpenAPI { return s.api.OpenAPI() }

func newAPI(s *Server) huma.API {
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Pangaea", Version: "1", Description: "One shop, as one process or as many."},
			Components: &huma.Components{
				Schemas:         huma.NewMapRegistry("#/components/schemas/", schemaName),
				SecuritySchemes: auth.Schemes(),
			},
			OnAddOperation: []huma.AddOpFunc{describeAnswers},
		},
		Formats:                      map[string]huma.Format{"application/json": jsonFormat, "json": jsonFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{fillProblem},
	}
	api := huma.NewAPI(config, adapter{s})
	api.UseMiddleware(auth.Enforce(api), checkParameters(api), checkMediaType(api))
	return api
}

// An adapter puts operations on the server's gin engine and keeps a list of them.
type adapter struct{ server *Server }

func (a adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.server.handler.ServeHTTP(w, r) }

// Handle panics for an operation that does not say who may call it: a mistake that must not reach a client.
func (a adapter) Handle(o *huma.Operation, handler func(huma.Context)) {
	access, ok := auth.AccessOf(o)
	if !ok {
		panic(fmt.Sprintf("%s %s does not say who may call it: give it auth.Anyone, auth.SignedIn, auth.Staff or auth.Operator", o.Method, o.Path))
	}
	module, _ := o.Metadata[moduleKey].(string)
	a.server.routes = append(a.server.routes, Route{o.Method, o.Path, module, access})
	a.server.engine.Handle(o.Method, ginPattern(o.Path), func(c *gin.Context) {
		handler(humagin.NewContext(o, c))
	})
}

// describeAnswers documents what every answer has.
func describeAnswers(api *huma.OpenAPI, o *huma.Operation) {
	if o.Responses["default"] == nil {
		schema := api.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
		o.Responses["default"] = &huma.Response{
			Description: "What went wrong",
			Content:     map[string]*huma.MediaType{problemMediaType: {Schema: schema}},
		}
	}
	if code, ok := o.Metadata[orStatusKey].(int); ok {
		same := *o.Responses[strconv.Itoa(o.DefaultStatus)]
		same.Description = http.StatusText(code)
		same.Headers = maps.Clone(same.Headers)
		o.Responses[strconv.Itoa(code)] = &same
	}
	for _, response := range o.Responses {
		if response.Headers == nil {
			response.Headers = map[string]*huma.Param{}
		}
		response.Headers[requestIDHeader] = &huma.Header{
			Description: "Names this request in our logs", Schema: &huma.Schema{Type: huma.TypeString},
		}
	}
}

// fillProblem tells a problem which request it answers.
func fillProblem(ctx huma.Context, _ string, v any) (any, error) {
	if p, ok := v.(*Problem); ok {
		address := ctx.URL()
		p.fill(ctx.Context(), address.EscapedPath())
	}
	return v, nil
}

// schemaName names a type's schema. Types of modules carry the module's name, so that two modules may
// both have a Line.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Name() == "" {
		return capitalized(hint)
	}
	var name strings.Builder
	for _, part := range strings.FieldsFunc(t.PkgPath()+"."+t.Name(), func(r rune) bool { return strings.ContainsRune("[],*", r) }) {
		if _, path, ok := strings.Cut(part, "/modules/"); ok {
			module, _, _ := strings.Cut(path, "/")
			name.WriteString(capitalized(module))
		}
		name.WriteString(capitalized(part[strings.LastIndex(part, ".")+1:]))
	}
	return name.String()
}

func capitalized(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}
