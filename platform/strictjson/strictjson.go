// Package strictjson refuses JSON that two readers could understand differently.
package strictjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deep arrays and objects may nest.
const MaxDepth = 32

// Check reports why a document is not acceptable: not JSON, trailing data, a member named twice, nesting
// beyond MaxDepth, text that is not UTF-8, U+0000, or half of a surrogate pair.
func Check(document []byte) error {
	if !utf8.Valid(document) {
		return errors.New("text is not valid UTF-8")
	}
	if err := checkEscapes(document); err != nil {
		return err
	}
	w := walker{tokens: json.NewDecoder(bytes.NewReader(document))}
	w.tokens.UseNumber()
	if err := w.document(); err != nil {
		return err
	}
	if _, err := w.tokens.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is something after the end of the document")
	}
	return nil
}

// A walker visits a document token by token, so that depth costs it no stack.
type walker struct {
	tokens *json.Decoder
	open   []container // the arrays and objects around the current token
}

// A container is an array (names is nil) or an object with the names seen so far.
type container struct {
	names     map[string]bool
	wantsName bool
}

func (w *walker) document() error {
	for {
		token, err := w.tokens.Token()
		if errors.Is(err, io.EOF) {
			return errors.New("document ends too early")
		}
		if err != nil {
			return errors.New(strings.TrimPrefix(err.Error(), "json: "))
		}
		if err := w.visit(token); err != nil {
			return err
		}
		if len(w.open) == 0 {
			return nil
		}
	}
}

func (w *walker) visit(token json.Token) error {
	if delim, ok := token.(json.Delim); ok && (delim == ']' || delim == '}') {
		w.open = w.open[:len(w.open)-1]
		return nil
	}
	if named, err := w.name(token); named || err != nil {
		return err
	}
	switch token {
	case json.Delim('['):
		return w.enter(container{})
	case json.Delim('{'):
		return w.enter(container{names: map[string]bool{}, wantsName: true})
	}
	return nil
}

// name takes the token as the name of a member, if it is the turn of one.
func (w *walker) name(token json.Token) (bool, error) {
	if len(w.open) == 0 {
		return false, nil
	}
	object := &w.open[len(w.open)-1]
	if object.names == nil {
		return false, nil
	}
	if !object.wantsName {
		object.wantsName = true
		return false, nil
	}
	name, _ := token.(string)
	if object.names[name] {
		return false, fmt.Errorf("member %.64q is there twice", name)
	}
	object.names[name] = true
	object.wantsName = false
	return true, nil
}

func (w *walker) enter(c container) error {
	if len(w.open) == MaxDepth {
		return fmt.Errorf("nesting is deeper than %d", MaxDepth)
	}
	w.open = append(w.open, c)
	return nil
}

// checkEscapes refuses the escapes that Go's decoder would silently replace or that databases refuse.
func checkEscapes(document []byte) error {
	for {
		at := bytes.IndexByte(document, '\\')
		if at < 0 || at+1 >= len(document) {
			return nil
		}
		document = document[at+1:]
		first, ok := escaped(document)
		switch {
		case !ok:
			document = document[1:]
			continue
		case first == 0:
			return errors.New("text contains the character U+0000")
		case first >= 0xDC00 && first <= 0xDFFF:
			return errors.New("text contains half of a surrogate pair")
		}
		document = document[5:]
		if first < 0xD800 || first > 0xDBFF {
			continue
		}
		if len(document) == 0 || document[0] != '\\' {
			return errors.New("text contains half of a surrogate pair")
		}
		if second, ok := escaped(document[1:]); !ok || second < 0xDC00 || second > 0xDFFF {
			return errors.New("text contains half of a surrogate pair")
		}
		document = document[6:]
	}
}

// escaped reads what follows a backslash as uXXXX.
func escaped(s []byte) (rune, bool) {
	if len(s) < 5 || s[0] != 'u' {
		return 0, false
	}
	var value rune
	for _, digit := range s[1:5] {
		switch {
		case digit >= '0' && digit <= '9':
			value = value<<4 | rune(digit-'0')
		case digit|0x20 >= 'a' && digit|0x20 <= 'f':
			value = value<<4 | rune(digit|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return value, true
}
