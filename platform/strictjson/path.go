package strictjson

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// PathAt names the value of a document that ends at offset, such as "items[0].quantity"; empty for the
// whole document. It is for json.UnmarshalTypeError, which knows the offset and no index.
func PathAt(document []byte, offset int64) string {
	tokens := json.NewDecoder(bytes.NewReader(document))
	tokens.UseNumber() // one that no type has room for still has a place
	var path trail
	for {
		token, err := tokens.Token()
		if err != nil {
			return ""
		}
		path.visit(token)
		if tokens.InputOffset() >= offset {
			return path.String()
		}
	}
}

// A trail is how a walk through a document came to where it is.
type trail []step

// A step is an array or object on the way: which of its values the walk is at.
type step struct {
	array    bool
	index    int    // of the value in an array
	name     string // of the value in an object
	nameNext bool   // an object's next token is a name
}

func (t *trail) visit(token json.Token) {
	if delim, ok := token.(json.Delim); ok && (delim == ']' || delim == '}') {
		*t = (*t)[:len(*t)-1]
		return
	}
	if len(*t) > 0 && !(*t)[len(*t)-1].advance(token) {
		return // a name
	}
	switch token {
	case json.Delim('['):
		*t = append(*t, step{array: true, index: -1})
	case json.Delim('{'):
		*t = append(*t, step{nameNext: true})
	}
}

// advance moves on to the value that begins with token; false: the token only names the next one.
func (s *step) advance(token json.Token) bool {
	if s.array {
		s.index++
		return true
	}
	if s.nameNext {
		s.name, _ = token.(string)
		s.nameNext = false
		return false
	}
	s.nameNext = true
	return true
}

func (t trail) String() string {
	var path strings.Builder
	for _, s := range t {
		switch {
		case s.array && s.index >= 0:
			fmt.Fprintf(&path, "[%d]", s.index)
		case !s.array && s.name != "":
			path.WriteString("." + s.name)
		}
	}
	return strings.TrimPrefix(path.String(), ".")
}
