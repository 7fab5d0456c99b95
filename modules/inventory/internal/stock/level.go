// Package stock knows how much there is of each product and what of it is held for which order.
//
// It is always true, for every product, that
//
//	on hand + reserved + sold (net of returns) = receipts + adjustments
package stock

import (
	"unicode"
	"unicode/utf8"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// MaxOnHand is how many pieces of one product there may be: far more than anybody has, and every sum fits.
const MaxOnHand = 1_000_000_000_000_000

// A Level is how much there is of one product.
type Level struct {
	SKU      string
	OnHand   int64 // in the house and free to be bought
	Reserved int64 // in the house and set aside for orders
}

// Available is how many pieces an order can have.
func (l Level) Available() int64 { return l.OnHand }

// Book applies what staff counted. Pieces set aside for orders cannot be booked away.
func (l *Level) Book(b Booking) error {
	if err := b.check(); err != nil {
		return err
	}
	after := l.OnHand + b.Quantity // cannot overflow: both are bounded
	switch {
	case after < 0:
		return fault.New(fault.Conflict, "of %s only %d pieces are on hand and not reserved", l.SKU, l.OnHand).
			WithCode("not-enough-stock").WithDetail("available", l.OnHand)
	case after > MaxOnHand:
		return fault.Wrong("quantity", "would make more than %d pieces", int64(MaxOnHand))
	}
	l.OnHand = after
	return nil
}

// Kind says what sort of booking it is.
type Kind string

// The kinds of bookings.
const (
	Receipt    Kind = "receipt"    // goods came in
	Adjustment Kind = "adjustment" // the count was wrong, or goods are gone
)

// MaxBooked is the most that one booking can change.
const MaxBooked = 1_000_000_000

// A Booking is what staff say about the stock of a product. Its reference is unique per product and
// kind: the same again changes nothing.
type Booking struct {
	SKU       string
	Kind      Kind
	Reference string
	Quantity  int64
	Reason    string
	By        string // the account of whoever booked it
}

func (b Booking) check() error {
	lowest := int64(1)
	if b.Kind == Adjustment {
		lowest = -MaxBooked
	}
	switch {
	case b.Quantity < lowest || b.Quantity > MaxBooked || b.Quantity == 0:
		return fault.Wrong("quantity", "must be %d to %d and not zero", lowest, int64(MaxBooked))
	case !printable(b.Reference):
		return fault.Wrong("reference", "must not contain control characters")
	case !printable(b.Reason):
		return fault.Wrong("reason", "must not contain control characters")
	}
	return nil
}

func printable(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return false
		}
	}
	return utf8.ValidString(s)
}
