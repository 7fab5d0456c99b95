package retail

import (
	"regexp"
	"strings"
	"time"
)

// An invoice is what its lines have in common. The first line that names it decides.
type invoice struct {
	number   string
	file     int
	at       time.Time
	customer int64 // 0: a guest
	country  Country
	lines    []line

	goods       int   // how many lines are sellable
	adjustments int   // how many may become fees or discounts
	gross       int64 // what sellable and charged lines come to
	discounts   int64 // what was taken off so far

	sale   *Sale
	refund *Return
}

// cancels reports whether the invoice takes an earlier sale back.
func (i *invoice) cancels() bool { return strings.HasPrefix(i.number, "C") }

// A line is one line of an invoice.
type line struct {
	invoice     *invoice
	product     *product
	description string
	quantity    int64
	price       int64 // pence, for one
	file        int32
	number      int32 // in the file
}

// value is what the line comes to, with its sign.
func (l *line) value() int64 { return l.quantity * l.price }

func (l *line) size() int64 {
	if v := l.value(); v < 0 {
		return -v
	}
	return l.value()
}

func (l *line) is(codes ...string) bool {
	for _, code := range codes {
		if l.product.code == code {
			return true
		}
	}
	return false
}

func (l *line) isPostage() bool { return l.is("POST", "DOT", "C2") }
func (l *line) isSample() bool {
	return l.is("S", "SAMPLES") || strings.EqualFold(l.description, "samples")
}

func (l *line) isVoucher() bool {
	return strings.HasPrefix(l.product.code, "GIFT_0001") || strings.Contains(strings.ToLower(l.description), "gift voucher")
}

// isProduct reports whether the line's code stands for goods.
func (l *line) isProduct() bool {
	return !l.isPostage() && !l.isSample() && !l.isVoucher() && !l.is("D", "M", "BANK CHARGES", "AMAZONFEE", "CRUK", "B")
}

// sellable reports whether the line is a sale of goods, whatever else its invoice and the files say.
func (l *line) sellable() bool {
	return !l.invoice.cancels() && l.isProduct() && l.quantity > 0 && l.price > 0
}

// charged reports whether the line is postage or carriage to be paid.
func (l *line) charged() bool {
	return !l.invoice.cancels() && l.isPostage() && l.quantity > 0 && l.price > 0
}

func (l *line) isDiscount() bool { return l.is("D") }

// adjusts reports whether the line may change what an order costs, and is no goods.
func (l *line) adjusts() bool { return l.charged() || (l.isDiscount() && !l.invoice.cancels()) }

// sku is what the shop takes for a product's code.
var sku = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_.-]{0,31}$`)

// chargeName describes a fee or a discount to the customer.
func (l *line) chargeName() string {
	name := printable(l.description)
	if name == "" {
		name = l.product.code
	}
	return shorten(name, maxName)
}
