package retail

import "fmt"

// A Place is where something begins in a file: the line from 1, the byte in that line from 1, and the
// byte in the unpacked file from 0.
type Place struct {
	Line   int   `json:"line"`
	Column int   `json:"column"`
	Offset int64 `json:"offset"`
}

// A Refusal says where a line cannot be read, and why.
type Refusal struct {
	File string `json:"file"`
	Place
	Field   string `json:"field,omitempty"` // the column's name, where the line got that far
	Reason  string `json:"reason"`          // one of a few, for counting
	Message string `json:"message"`
}

// The reasons of refusals.
const (
	badQuotes   = "broken quotes"
	badText     = "bytes that are no text"
	tooLong     = "longer than allowed"
	badColumns  = "wrong number of columns"
	missing     = "missing value"
	badNumber   = "not a number"
	badDate     = "not a date"
	badCode     = "not a product code"
	badCountry  = "unknown country"
	tooMuch     = "beyond limits"
	badCustomer = "another customer than the invoice's"
)

func refuse(at Place, field, reason, format string, args ...any) *Refusal {
	return &Refusal{Place: at, Field: field, Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// String says it in one line.
func (r *Refusal) String() string {
	where := fmt.Sprintf("%s:%d:%d (byte %d)", r.File, r.Line, r.Column, r.Offset)
	if r.Field != "" {
		where += " " + r.Field
	}
	return where + ": " + r.Message
}
