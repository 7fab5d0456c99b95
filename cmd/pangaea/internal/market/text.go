package market

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Text writes the report for people.
func (r *StockReport) Text(out io.Writer) error {
	if err := r.Report.Text(out); err != nil {
		return err
	}
	fmt.Fprintf(out, "\n%d products listed, %d were there; %d customers; %d receipts of %d pieces; %.1f seconds\n",
		r.ProductsListed, r.ProductsThere, r.Customers, r.Receipts, r.Pieces, r.Seconds)
	r.text(out)
	return nil
}

// Text writes the report for people.
func (r *ReplayReport) Text(out io.Writer) error {
	if err := r.Report.Text(out); err != nil {
		return err
	}
	fmt.Fprintln(out)
	counts(out, "orders", r.Orders)
	counts(out, "cancelled because", r.CancelReasons)
	counts(out, "returns", r.Returns)
	fmt.Fprintf(out, "%s delivered, %s of it refunded; %.1f seconds\n",
		money.New(r.ValueDelivered, retail.Currency), money.New(r.ValueRefunded, retail.Currency), r.Seconds)
	r.text(out)
	return nil
}

func counts(out io.Writer, what string, of map[string]int) {
	if len(of) == 0 {
		return
	}
	fmt.Fprintf(out, "%s:", what)
	for _, name := range slices.Sorted(maps.Keys(of)) {
		fmt.Fprintf(out, " %d %s", of[name], name)
	}
	fmt.Fprintln(out)
}

func (p *Problems) text(out io.Writer) {
	if p.Number == 0 {
		return
	}
	fmt.Fprintf(out, "\n%d things could not be done:\n", p.Number)
	for _, text := range p.Texts {
		fmt.Fprintln(out, "  "+text)
	}
	if left := p.Number - len(p.Texts); left > 0 {
		fmt.Fprintf(out, "  … and %d more\n", left)
	}
}
