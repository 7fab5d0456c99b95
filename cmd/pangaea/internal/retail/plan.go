package retail

import "time"

// A Plan is what the files ask of a shop.
type Plan struct {
	Files     []File
	Products  []Product // that are sold, by SKU
	Customers []int64   // that buy something, by number; guests are none
	Sales     []*Sale   // by date
	Returns   []*Return // by date
	Report    Report
}

// A Product is what the lines of one code say about it.
type Product struct {
	SKU      string
	Name     string // the most frequent description, or the code
	Category string
	Price    int64   // the most frequent one, in pence
	Sold     []int64 // in each of the plan's files
}

// A Sale is an invoice that sells goods. It becomes one order.
type Sale struct {
	Invoice  string
	At       time.Time
	Customer int64 // 0: a guest
	Country  Country
	Items    []Item
	Charges  []Charge
	Total    int64
}

// An Item is a sold line.
type Item struct {
	SKU      string
	Quantity int64
	Price    int64
}

// A Charge is a line that changes what an order costs and is no goods.
type Charge struct {
	Discount    bool // taken off; else it is a fee
	Code        string
	Description string
	Amount      int64 // above 0 either way
}

// A Return is an invoice that takes back something of earlier sales.
type Return struct {
	Invoice string
	At      time.Time
	Lines   []ReturnLine
}

// A ReturnLine is a returned line, and what it takes back.
type ReturnLine struct {
	Value int64 // as the file has it, below 0
	Parts []Part
}

// A Part is a quantity of one item of a sale.
type Part struct {
	Sale     *Sale
	Item     int // index in the sale's items
	Quantity int64
}

// Sales and returns are put together line by line.

func (i *invoice) add(item Item) int {
	s := i.order()
	s.Items = append(s.Items, item)
	s.Total += item.Quantity * item.Price
	return len(s.Items) - 1
}

func (i *invoice) charge(c Charge) {
	s := i.order()
	s.Charges = append(s.Charges, c)
	if c.Discount {
		s.Total -= c.Amount
		i.discounts += c.Amount
		return
	}
	s.Total += c.Amount
}

func (i *invoice) order() *Sale {
	if i.sale == nil {
		i.sale = &Sale{Invoice: i.number, At: i.at, Customer: i.customer, Country: i.country}
	}
	return i.sale
}

func (i *invoice) takeBack(l ReturnLine) {
	if i.refund == nil {
		i.refund = &Return{Invoice: i.number, At: i.at}
	}
	i.refund.Lines = append(i.refund.Lines, l)
}
