package retail

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// records reads comma-separated values as people send them: RFC 4180, and beyond it lines that end in
// LF, CRLF or CR, quotes inside unquoted fields, a byte order mark, and empty lines, which are no lines.
//
// A line that is broken costs one line: reading goes on with the next line of the file, also when a
// quote was never closed. Memory is bounded by the longest line it takes, whatever the file has.
type records struct {
	in       *bufio.Reader
	encoding Encoding
	number   int       // of the last physical line read
	offset   int64     // of the next one
	back     []rawLine // physical lines read ahead in vain, to be read again
	text     []byte    // of the fields of the current record
}

// maxSpan is how many physical lines a quoted field may go over: what is read ahead in vain is read
// again, so a file of nothing but opening quotes costs this factor and not more.
const maxSpan = 100

type rawLine struct {
	number int
	offset int64
	text   []byte
	cut    bool // longer than maxLine: the rest was thrown away
}

func (l rawLine) at(i int) Place { return Place{l.number, i + 1, l.offset + int64(i)} }

type field struct {
	start, end int // in records.text
	place      Place
}

func newRecords(content io.Reader, encoding Encoding) *records {
	r := &records{in: bufio.NewReaderSize(content, 64<<10), encoding: encoding}
	if mark, err := r.in.Peek(3); err == nil && bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		n, _ := r.in.Discard(len(mark))
		r.offset = int64(n)
	}
	return r
}

// next returns the fields of the next record, or why there is none; io.EOF after the last. The fields
// are valid until the next call.
func (r *records) next() (Place, []field, *Refusal, error) {
	first, err := r.line()
	for err == nil && len(first.text) == 0 {
		first, err = r.line()
	}
	if err != nil {
		return Place{}, nil, nil, err
	}
	r.text = r.text[:0]
	p := parser{r: r}
	open, bad := p.feed(first)
	var ahead []rawLine
	for open && bad == nil {
		more, err := r.line()
		if err != nil && !errors.Is(err, io.EOF) {
			return Place{}, nil, nil, err
		}
		if err == nil {
			ahead = append(ahead, more)
		}
		if err != nil || len(ahead) > maxSpan {
			bad = refuse(p.opened, "", badQuotes, "this quote is not closed")
			break
		}
		open, bad = p.feed(more)
	}
	if bad != nil && len(ahead) > 0 { // whatever is wrong further down: this line's quote led there
		bad = refuse(p.opened, "", badQuotes, "this quote is not closed")
		r.back = append(ahead, r.back...)
	}
	return first.at(0), p.fields, bad, nil
}

// line returns the next physical line without its end.
func (r *records) line() (rawLine, error) {
	if len(r.back) > 0 {
		l := r.back[0]
		r.back = r.back[1:]
		return l, nil
	}
	l := rawLine{number: r.number + 1, offset: r.offset}
	for {
		b, err := r.in.ReadByte()
		if err != nil {
			if errors.Is(err, io.EOF) && r.offset > l.offset {
				break
			}
			return l, err
		}
		r.offset++
		if b == '\n' {
			break
		}
		if b == '\r' {
			if follows, err := r.in.Peek(1); err == nil && follows[0] == '\n' {
				continue
			}
			break
		}
		if len(l.text) < maxLine {
			l.text = append(l.text, b)
		} else {
			l.cut = true
		}
	}
	r.number++
	return l, nil
}

// A parser takes a record apart, one physical line after the other.
type parser struct {
	r      *records
	fields []field
	open   bool  // within quotes
	opened Place // where they began
}

// feed takes one more physical line. It reports whether the record goes on in the next.
func (p *parser) feed(l rawLine) (open bool, bad *Refusal) {
	if l.cut {
		return false, refuse(l.at(maxLine), "", tooLong, "the line is longer than %d bytes", maxLine)
	}
	if i := p.r.encoding.foreign(l.text); i >= 0 {
		return false, refuse(l.at(i), "", badText, "byte 0x%02x is not %s text", l.text[i], p.r.encoding)
	}
	for i := 0; ; i++ {
		if !p.open && i < len(l.text) && l.text[i] == '"' {
			p.begin(l.at(i))
			p.open, p.opened = true, l.at(i)
			i++
		}
		if p.open {
			if i = p.quoted(l.text, i); p.open {
				return true, p.bounded()
			}
			if i < len(l.text) && l.text[i] != ',' {
				return false, refuse(l.at(i), "", badQuotes, "text after a closing quote; a quote within quotes is written twice")
			}
		} else {
			p.begin(l.at(i))
			end := bytes.IndexByte(l.text[i:], ',')
			if end < 0 {
				end = len(l.text) - i
			}
			p.add(l.text[i : i+end])
			i += end
		}
		if bad := p.bounded(); bad != nil || i >= len(l.text) {
			return false, bad
		}
	}
}

// quoted takes what is within quotes from i on, and returns where it stopped: after the closing quote,
// or at the line's end.
func (p *parser) quoted(text []byte, i int) int {
	for {
		quote := bytes.IndexByte(text[i:], '"')
		if quote < 0 {
			p.add(text[i:])
			p.add([]byte{'\n'})
			return len(text)
		}
		p.add(text[i : i+quote])
		i += quote + 1
		if i >= len(text) || text[i] != '"' {
			p.open = false
			return i
		}
		p.add([]byte{'"'})
		i++
	}
}

func (p *parser) begin(at Place) {
	p.fields = append(p.fields, field{len(p.r.text), len(p.r.text), at})
}

func (p *parser) add(text []byte) {
	p.r.text = append(p.r.text, text...)
	p.fields[len(p.fields)-1].end = len(p.r.text)
}

func (p *parser) bounded() *Refusal {
	last := p.fields[len(p.fields)-1]
	if last.end-last.start > MaxField {
		return refuse(last.place, "", tooLong, "the field is longer than %d bytes", MaxField)
	}
	return nil
}
