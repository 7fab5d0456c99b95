package retail

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// The columns a file needs, in any order, by their names in either letter case; others are ignored.
const (
	invoiceNo = iota
	stockCode
	description
	quantity
	invoiceDate
	unitPrice
	customerID
	country
	columnCount
)

var columnNames = [columnCount]string{
	"InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
}

// sameColumn are names that the second edition of the data set uses.
var sameColumn = map[string]string{"invoice": "invoiceno", "price": "unitprice", "customer id": "customerid"}

// columns says at which position of a record each column is.
type columns struct {
	at    [columnCount]int
	count int
}

func readHeader(r *records) (columns, error) {
	at, fields, bad, err := r.next()
	if errors.Is(err, io.EOF) {
		return columns{}, errors.New("there is no header line")
	}
	if err != nil {
		return columns{}, err
	}
	if bad != nil {
		return columns{}, fmt.Errorf("the header at line %d, column %d: %s", bad.Line, bad.Column, bad.Message)
	}
	c := columns{count: len(fields)}
	positions, found := map[string]int{}, []string{}
	for i, f := range fields {
		name := strings.TrimSpace(r.encoding.text(r.text[f.start:f.end]))
		found = append(found, name)
		key := strings.ToLower(name)
		if same, ok := sameColumn[key]; ok {
			key = same
		}
		if _, twice := positions[key]; twice && key != "" {
			return columns{}, fmt.Errorf("the header at line %d has the column %s twice", at.Line, shorten(printable(name), 40))
		}
		positions[key] = i
	}
	for i, name := range columnNames {
		position, ok := positions[strings.ToLower(name)]
		if !ok {
			return columns{}, fmt.Errorf("the header at line %d has no column %s (it has %s)", at.Line, name, shorten(printable(strings.Join(found, ", ")), 200))
		}
		c.at[i] = position
	}
	return c, nil
}

// values puts a record's fields in the order of the columns. One empty field at the end is forgiven:
// some programs end every line with a comma.
func (c columns) values(r *records, at Place, fields []field) ([columnCount]value, *Refusal) {
	var values [columnCount]value
	if len(fields) == c.count+1 && fields[c.count].start == fields[c.count].end {
		fields = fields[:c.count]
	}
	if len(fields) != c.count {
		place := at
		if len(fields) > 0 {
			place = fields[min(len(fields)-1, c.count)].place
		}
		return values, refuse(place, "", badColumns, "%d columns where the header has %d", len(fields), c.count)
	}
	for i, position := range c.at {
		f := fields[position]
		values[i] = value{columnNames[i], strings.TrimSpace(r.encoding.text(r.text[f.start:f.end])), f.place}
	}
	return values, nil
}

func shorten(text string, limit int) string {
	runes := []rune(text)
	if len(runes) <= limit {
		return text
	}
	return string(runes[:limit-1]) + "…"
}
