package retail

import (
	"bytes"
	"errors"
	"io"
)

// Records reads a whole table: its rows, and what was refused.
func Records(content []byte) (rows [][]string, refused []*Refusal) {
	r := newRecords(bytes.NewReader(content), UTF8)
	for {
		_, fields, bad, err := r.next()
		if errors.Is(err, io.EOF) {
			return rows, refused
		}
		if bad != nil {
			refused = append(refused, bad)
			continue
		}
		var row []string
		for _, f := range fields {
			row = append(row, string(r.text[f.start:f.end]))
		}
		rows = append(rows, row)
	}
}
