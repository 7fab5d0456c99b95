package retail

import (
	"bytes"
	"fmt"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// An Encoding is how a file's bytes stand for letters.
type Encoding string

// The encodings. Detect takes a file that is valid UTF-8 from end to end as UTF-8, and any other as
// Windows1252, which has all printable characters of Latin-1 in the same places.
const (
	Detect      Encoding = "detect"
	UTF8        Encoding = "utf-8"
	Latin1      Encoding = "latin-1"
	Windows1252 Encoding = "windows-1252"
)

// ParseEncoding knows the names of the encodings.
func ParseEncoding(name string) (Encoding, error) {
	switch e := Encoding(name); e {
	case Detect, UTF8, Latin1, Windows1252:
		return e, nil
	}
	return "", fmt.Errorf("%q is not an encoding: choose detect, utf-8, latin-1 or windows-1252", name)
}

func (e Encoding) or(validUTF8 bool) Encoding {
	switch {
	case e != Detect && e != "":
		return e
	case validUTF8:
		return UTF8
	default:
		return Windows1252
	}
}

// foreign returns the index of the first byte that is not text in the encoding, or -1.
func (e Encoding) foreign(text []byte) int {
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return i
	}
	switch e {
	case UTF8:
		return invalidUTF8(text)
	case Windows1252:
		for i, b := range text {
			if charmap.Windows1252.DecodeByte(b) == utf8.RuneError { // five bytes stand for nothing
				return i
			}
		}
	}
	return -1
}

// text decodes what foreign found nothing wrong with.
func (e Encoding) text(raw []byte) string {
	switch e {
	case Latin1:
		return decode(charmap.ISO8859_1, raw)
	case Windows1252:
		return decode(charmap.Windows1252, raw)
	default:
		return string(raw)
	}
}

func decode(from *charmap.Charmap, raw []byte) string {
	text := make([]byte, 0, len(raw)+8)
	for _, b := range raw {
		text = utf8.AppendRune(text, from.DecodeByte(b))
	}
	return string(text)
}

func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// utf8Check looks at a file in pieces that may end in the middle of a letter.
type utf8Check struct {
	rest []byte
	bad  bool
}

func (c *utf8Check) write(piece []byte) {
	if c.bad {
		return
	}
	text := slices.Concat(c.rest, piece)
	end := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if utf8.RuneStart(text[len(text)-back]) {
			if !utf8.FullRune(text[len(text)-back:]) {
				end = len(text) - back
			}
			break
		}
	}
	c.bad = !utf8.Valid(text[:end])
	c.rest = append([]byte(nil), text[end:]...)
}

func (c *utf8Check) valid() bool { return !c.bad && len(c.rest) == 0 }

func isUTF16(start []byte) bool {
	return bytes.HasPrefix(start, []byte{0xff, 0xfe}) || bytes.HasPrefix(start, []byte{0xfe, 0xff})
}
