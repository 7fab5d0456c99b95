package stories

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
)

// odd are texts that have made other programs stumble.
var odd = []string{
	"", " ", "null", "-1", "1e3", "../../etc/passwd", "' OR '1'='1", "%s{{7*7}}", "<script>alert(1)</script>",
	"\u202eright to left", "zero\u200bwidth \ufeff", "👩‍👩‍👧‍👦", "e\u0301 and é", "\U0010ffff", "bell\u0007", "two\nlines",
}

// unusualTexts may be sent as a parameter. Some may turn out to be as they should.
func unusualTexts(p *openapi3.Parameter) (texts []string) {
	schema := p.Schema.Value
	if schema.Type.Is(openapi3.TypeInteger) {
		texts = []string{"", "x", "1.5", "1e0", "0x10", "1 2", "true", "[1]", "１", "99999999999999999999", "-9223372036854775809", "0", "1", "-1"}
		return append(texts, boundaries(schema)...)
	}
	texts = append(texts, uuid.NewString(), uuid.Nil.String())
	texts = append(texts, odd...)
	if p.Name == "page_token" {
		for _, token := range []string{`{"v":2,"p":"x"}`, `{"v":1,"p":7}`, `{"v":1,"p":"x","q":1}`, `{"p":"x","v":1}`, `{"v":1,"p":"x"} `, "null", "[]"} {
			texts = append(texts, base64.RawURLEncoding.EncodeToString([]byte(token)))
		}
	}
	if schema.MaxLength != nil {
		most := int(*schema.MaxLength)
		texts = append(texts, strings.Repeat("A", most), strings.Repeat("A", most+1), strings.Repeat("é", most+10))
	}
	for _, allowed := range schema.Enum {
		texts = append(texts, strings.ToUpper(fmt.Sprint(allowed)), fmt.Sprint(allowed)+" ")
	}
	return slices.DeleteFunc(texts, func(text string) bool {
		switch p.In {
		case openapi3.ParameterInPath: // these are other paths
			return text == "" || strings.Contains(text, "/") || strings.ContainsAny(text, "\u0007\n")
		case openapi3.ParameterInQuery:
			return strings.ContainsAny(text, "\u0007\n")
		case openapi3.ParameterInCookie:
			return strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`",;\`, r) })
		default: // HTTP trims these, and has no control characters
			return text != strings.TrimSpace(text) || strings.ContainsAny(text, "\u0007\n")
		}
	})
}

// unusualValues may stand in a document, as they are written there. Some may turn out to be as they should.
func unusualValues(schema *openapi3.Schema) (values []string) {
	values = []string{"null", "true", "7", "1.5", `"x"`, `""`, "[]", "{}", `[null]`, `{"a":[{"b":null}]}`}
	switch {
	case schema.Type.Is(openapi3.TypeInteger):
		values = append(values, "0", "-1", "1.0", "1e0", "-0.0", "1e300", "1e400", "9007199254740993", "9223372036854775807", "9223372036854775808",
			"-9223372036854775808", "-9223372036854775809", strings.Repeat("9", 400), `"1"`, `"1e2"`, `"NaN"`, "[1]")
		values = append(values, boundaries(schema)...)
	case schema.Type.Is(openapi3.TypeString):
		for _, text := range odd {
			values = append(values, string(render(text)))
		}
		values = append(values, `"nul\u0000"`, `"half\ud800"`, `["x"]`)
		lengths := []int{int(schema.MinLength) - 1, 100_000}
		if schema.MaxLength != nil {
			lengths = append(lengths, int(*schema.MaxLength), int(*schema.MaxLength)+1)
		}
		for _, length := range lengths {
			if length > 0 {
				values = append(values, `"`+strings.Repeat("A", length)+`"`, `"`+strings.Repeat("é", length)+`"`)
			}
		}
		for _, allowed := range schema.Enum {
			values = append(values, string(render(strings.ToUpper(fmt.Sprint(allowed)))), string(render(fmt.Sprint(allowed)+"\u200b")))
		}
	case schema.Type.Is(openapi3.TypeArray):
		item := string(render(world{}.value(schema.Items, nil, nil)))
		if schema.MaxItems != nil {
			values = append(values, "["+strings.Repeat(item+",", int(*schema.MaxItems))+item+"]")
		}
		values = append(values, "["+item+",null]", "["+item+","+item+"]")
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// boundaries are the first integers on either side of a schema's bounds.
func boundaries(schema *openapi3.Schema) (numbers []string) {
	for _, bound := range []*float64{schema.Min, schema.Max} {
		if bound != nil {
			for _, by := range []float64{-1, 0, 1} {
				numbers = append(numbers, fmt.Sprintf("%.0f", *bound+by))
			}
		}
	}
	return numbers
}
