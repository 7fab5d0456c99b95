package notice

import (
	"embed"
	"fmt"
	"strings"
	"text/template"
	"unicode"
)

// A Kind says what a notice is about. Each has a template of its name.
type Kind string

// The kinds.
const (
	OrderConfirmed      Kind = "order_confirmed"
	OrderPaid           Kind = "order_paid"
	OrderDispatched     Kind = "order_dispatched"
	OrderCompleted      Kind = "order_completed"
	OrderCancelled      Kind = "order_cancelled"
	CancellationRefused Kind = "cancellation_refused"
	Refunded            Kind = "refunded"
	RefundFailed        Kind = "refund_failed"
)

// Facts are what templates may use.
type Facts struct {
	Name     string // empty: not known
	Order    string
	Amount   string
	Reason   string
	Tracking string
	Return   bool // the money is for goods that came back
}

//go:embed templates/*.txt
var files embed.FS

// A template's first line is the subject, the rest the body.
var templates = template.Must(template.ParseFS(files, "templates/*.txt"))

// Render writes a notice of a kind.
func Render(kind Kind, facts Facts) (subject, body string, err error) {
	var text strings.Builder
	if err := templates.ExecuteTemplate(&text, string(kind)+".txt", facts); err != nil {
		return "", "", fmt.Errorf("write %s: %w", kind, err)
	}
	subject, body, _ = strings.Cut(text.String(), "\n")
	return strings.TrimSpace(strings.Map(printable, subject)), strings.TrimSpace(body) + "\n", nil
}

// printable keeps a subject on one line, whatever its facts are.
func printable(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}
