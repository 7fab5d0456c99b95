package strictjson_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/strictjson"
)

func TestAmbiguousDocumentsAreRefused(t *testing.T) {
	for document, why := range map[string]string{
		``:                           "too early",
		`{"a":1`:                     "too early",
		`{"a":1}{}`:                  "after the end",
		`{"a":1} x`:                  "after the end",
		`{"a":1,"a":2}`:              `"a" is there twice`,
		`{"b":[{"a":1,"\u0061":2}]}`: `"a" is there twice`,
		`{"a":1,}`:                   "invalid character",
		`{'a':1}`:                    "invalid character",
		"{\"a\":\"\xff\"}":           "not valid UTF-8",
		`{"a":"\u0000"}`:             "U+0000",
		"{\"a\":\"\x00\"}":           "invalid character",
		`{"a":"\ud800"}`:             "surrogate",
		`{"a":"\udc00"}`:             "surrogate",
		`{"a":"\ud800\u0041"}`:       "surrogate",
		`{"a":NaN}`:                  "invalid character",
		strings.Repeat("[", 1e5):     "deeper than 32",
		strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33): "deeper than 32",
	} {
		require.ErrorContains(t, strictjson.Check([]byte(document)), why, "%.60s", document)
	}
}

func TestPlainDocumentsPass(t *testing.T) {
	for _, document := range []string{
		`{}`, `[]`, `1`, `"x"`, `null`, ` {"a":{"a":{"a":[1,2,{"a":null}]}},"b":"\\u0000 \" \ud83d\ude00 é"} `,
		strings.Repeat("[", 32) + strings.Repeat("]", 32),
	} {
		require.NoError(t, strictjson.Check([]byte(document)), document)
	}
}

func FuzzCheck(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"\ud83d\ude00"]}`, `{"a":1,"a":1}`, `[[[`, "\"\xff\"", `{"\u0000":1}`, `1 2`, `"\`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		if strictjson.Check(document) == nil && !json.Valid(document) {
			t.Fatal("accepted what is not JSON")
		}
	})
}

func TestAValueIsNamedByWhereItEnds(t *testing.T) {
	document := `{"a":1,"items":[{"n":"x"},{"n":"y","deep":{"q":1e300}}],"z":[[7]]}`
	for text, path := range map[string]string{
		`"a":1`: "a", `"n":"x"`: "items[0].n", `"n":"y"`: "items[1].n", `1e300`: "items[1].deep.q", `[[7`: "z[0][0]",
	} {
		end := strings.Index(document, text) + len(text)
		require.Equal(t, path, strictjson.PathAt([]byte(document), int64(end)), text)
	}
	require.Empty(t, strictjson.PathAt([]byte(`7`), 1))
	require.Empty(t, strictjson.PathAt([]byte(`{`), 100))
}
