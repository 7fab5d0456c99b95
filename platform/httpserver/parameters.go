package httpserver

import (
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// checkParameters refuses a parameter that is there twice, of which one would silently be ignored.
func checkParameters(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		address := ctx.URL()
		query := address.Query()
		for _, p := range ctx.Operation().Parameters {
			if p.Schema != nil && p.Schema.Type != huma.TypeArray && times(ctx, query, p) > 1 {
				_ = huma.WriteErr(api, ctx, http.StatusUnprocessableEntity, "", fault.Wrong(p.Name, "is there more than once"))
				return
			}
		}
		next(ctx)
	}
}

// times is how often a request has a parameter.
func times(ctx huma.Context, query url.Values, p *huma.Param) (count int) {
	switch p.In {
	case "query":
		return len(query[p.Name])
	case "header":
		ctx.EachHeader(func(name, _ string) {
			if strings.EqualFold(name, p.Name) {
				count++
			}
		})
	}
	return count
}

// checkMediaType refuses a body of another type than the operation takes. A form that a foreign page
// sends can only be of three types, none of which is JSON.
func checkMediaType(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		wanted := ctx.Operation().RequestBody
		if wanted == nil || len(RawBody(ctx.Context())) == 0 || takes(wanted, ctx.Header("Content-Type")) {
			next(ctx)
			return
		}
		_ = huma.WriteErr(api, ctx, http.StatusUnsupportedMediaType, "send the body as application/json in UTF-8")
	}
}

func takes(wanted *huma.RequestBody, contentType string) bool {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || wanted.Content[kind] == nil {
		return false
	}
	charset := parameters["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
}
