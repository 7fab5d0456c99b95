package books

import (
	"fmt"
	"io"
	"slices"
)

// A Violation is an invariant that does not hold, with what both sides say.
type Violation struct {
	Invariant string `json:"invariant"`
	About     string `json:"about"` // what ID is the id of: order, payment, shipment, sku, currency, transaction
	ID        string `json:"id"`
	Says      string `json:"says"`
}

// Checked counts what was compared.
type Checked struct {
	Orders         int `json:"orders"`
	SKUs           int `json:"skus"`
	Payments       int `json:"payments"`
	StatementLines int `json:"statement_lines"`
	Transactions   int `json:"ledger_transactions"`
	Shipments      int `json:"shipments"`
	Parcels        int `json:"parcels"`
}

// A Report is what comparing found.
type Report struct {
	Violations []Violation `json:"violations"`
	Checked    Checked     `json:"checked"`
	UnderWay   int         `json:"orders_under_way"`     // orders that have not ended, or were left out somewhere
	Operator   []string    `json:"waiting_for_operator"` // dead letters, and refunds that the provider refused
	Alarms     int         `json:"payment_alarms"`
}

// Nothing reports whether there was nothing to check.
func (r Report) Nothing() bool { return r.Checked == Checked{} }

// Confirm returns the report of a second reading with those violations only that the first found as well,
// with the same figures.
func (r Report) Confirm(second Report) Report {
	second.Violations = slices.DeleteFunc(slices.Clone(second.Violations), func(v Violation) bool {
		return !slices.Contains(r.Violations, v)
	})
	return second
}

// Text writes the report for people.
func (r Report) Text(out io.Writer) error {
	lines := []string{}
	for _, v := range r.Violations {
		lines = append(lines, fmt.Sprintf("violated  %s  %s %s: %s", v.Invariant, v.About, v.ID, v.Says))
	}
	for _, what := range r.Operator {
		lines = append(lines, "waiting for an operator  "+what)
	}
	if r.Alarms > 0 {
		lines = append(lines, fmt.Sprintf("payments raised %d alarms: the log and the table payment_alarms tell", r.Alarms))
	}
	for _, line := range append(lines, r.summary()...) {
		if _, err := fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	return nil
}

func (r Report) summary() []string {
	if r.Nothing() {
		return []string{"nothing checked: the shop is empty"}
	}
	n := r.Checked
	counted := fmt.Sprintf("checked %d orders (%d under way), %d SKUs, %d payments against %d lines of the provider's statement, "+
		"%d ledger transactions, %d shipments against %d parcels of the carrier",
		n.Orders, r.UnderWay, n.SKUs, n.Payments, n.StatementLines, n.Transactions, n.Shipments, n.Parcels)
	switch len(r.Violations) {
	case 0:
		return []string{counted, "every invariant holds"}
	case 1:
		return []string{counted, "1 violation"}
	default:
		return []string{counted, fmt.Sprintf("%d violations", len(r.Violations))}
	}
}
