package httpserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/platform/strictjson"
)

// jsonFormat reads and writes bodies. What it reads was checked by the edge before.
var jsonFormat = huma.Format{
	Marshal: func(w io.Writer, v any) error {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		return encoder.Encode(v)
	},
	Unmarshal: func(body []byte, v any) error {
		err := json.Unmarshal(body, v)
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			offset, message := mismatch(wrong)
			return fmt.Errorf("%s%s%s%s", wrongTypeMark, strictjson.PathAt(body, offset), wrongTypeMark, message)
		}
		return err
	},
}

// wrongTypeMark sets a field's name apart in an error's text, which is all that huma keeps of an error
// of a format.
const wrongTypeMark = "\x00"

// wrongType takes such a text apart.
func wrongType(text string) (field, message string, ok bool) {
	parts := strings.Split(text, wrongTypeMark)
	if len(parts) != 3 {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// mismatch says where a wrong value ends, and in few words what is wrong with it.
func mismatch(wrong *json.UnmarshalTypeError) (end int64, message string) {
	expected := plainType(wrong.Type.Kind().String())
	if expected == "number" && strings.HasPrefix(wrong.Value, expected) {
		return wrong.Offset - 1, "is beyond all numbers" // of these the decoder counts one byte more
	}
	return wrong.Offset, fmt.Sprintf("expected %s, not %.40s", expected, wrong.Value)
}

func plainType(kind string) string {
	switch {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "integer"
	case strings.HasPrefix(kind, "float"):
		return "number"
	case kind == "slice":
		return "array"
	case kind == "struct", kind == "map":
		return "object"
	}
	return kind
}
