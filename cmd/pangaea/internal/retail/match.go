package retail

import "slices"

// bought is one customer's purchases of one code.
type bought struct {
	customer int64
	product  *product
}

// A lot is what is left of an item: sold and not come back.
type lot struct {
	sale  *Sale
	item  int
	price int64
	left  int64
}

// keep remembers a sold item: guests have nothing by which a return could be theirs.
func (b *book) keep(l *line, item int) {
	if l.invoice.customer == 0 {
		return
	}
	key := bought{l.invoice.customer, l.product}
	b.left[key] = append(b.left[key], &lot{l.invoice.sale, item, l.price, l.quantity})
}

// matches reports whether a line of a C invoice takes back no more than is left of earlier sales.
func (b *book) matches(l *line) bool {
	if !l.invoice.cancels() || l.invoice.customer == 0 || l.quantity >= 0 {
		return false
	}
	var left int64
	for _, lot := range b.left[bought{l.invoice.customer, l.product}] {
		left += lot.left
	}
	return left >= -l.quantity
}

// take takes a matching line's quantity from what is left: first where it was sold at the same price,
// so that the refund is what the file says, and among those from the earliest sale.
func (b *book) take(l *line) []Part {
	key := bought{l.invoice.customer, l.product}
	lots := slices.Clone(b.left[key])
	slices.SortStableFunc(lots, func(x, y *lot) int {
		switch {
		case x.price == l.price && y.price != l.price:
			return -1
		case y.price == l.price && x.price != l.price:
			return 1
		}
		return 0
	})
	var parts []Part
	wanted := -l.quantity
	for _, lot := range lots {
		if n := min(lot.left, wanted); n > 0 {
			parts = append(parts, Part{lot.sale, lot.item, n})
			lot.left -= n
			wanted -= n
		}
	}
	b.left[key] = slices.DeleteFunc(b.left[key], func(l *lot) bool { return l.left == 0 })
	return parts
}

// hasRoom reports whether a discount's order is worth it: it has goods, and is not below zero without it.
func (b *book) hasRoom(l *line) bool {
	i := l.invoice
	return l.isDiscount() && !i.cancels() && i.goods > 0 && i.discounts+l.size() <= i.gross
}
