package retail

// An Outcome is what becomes of a line.
type Outcome string

// The outcomes. A line that is sold, charged, taken off or returned is accepted.
const (
	Sold     Outcome = "sold"
	Charged  Outcome = "charged to the order"
	TakenOff Outcome = "taken off the order"
	Returned Outcome = "return, restock, refund"
	SetAside Outcome = "set aside"
	Refused  Outcome = "refused"
)

// Accepted reports whether the shop did something with the line.
func (o Outcome) Accepted() bool { return o != SetAside && o != Refused }

// A Rule says what becomes of some lines.
type Rule struct {
	Line    string // which lines, for people
	Outcome Outcome
	Reason  string // for the report
	applies func(b *book, l *line) bool
}

// Rules decide about every line: the first that applies. They are asked in the order of the invoices'
// dates, and of the files within a moment. docs/import.md has the same table.
var Rules = []Rule{
	unreadable,
	{
		"an invoice that an earlier file of the same run has", SetAside, "invoice of an earlier file",
		func(_ *book, l *line) bool { return int(l.file) != l.invoice.file },
	},
	{"M", SetAside, "manual entry", ofCode("M")},
	{"BANK CHARGES", SetAside, "bank charges", ofCode("BANK CHARGES")},
	{"AMAZONFEE", SetAside, "Amazon's fee", ofCode("AMAZONFEE")},
	{"CRUK", SetAside, "charity", ofCode("CRUK")},
	{"B", SetAside, "bad debt", ofCode("B")},
	{"S, SAMPLES, or so described", SetAside, "samples", func(_ *book, l *line) bool { return l.isSample() }},
	{"GIFT_0001…, or described as a gift voucher", SetAside, "gift voucher", func(_ *book, l *line) bool { return l.isVoucher() }},
	{"price 0", SetAside, "price 0", func(_ *book, l *line) bool { return l.price == 0 }},
	{"quantity 0", SetAside, "quantity 0", func(_ *book, l *line) bool { return l.quantity == 0 }},
	{"D in a `C…` invoice", SetAside, "discount taken back", inCancellation((*line).isDiscount)},
	{"D in an invoice whose order, with its fees and the discounts before, is worth as much", TakenOff, "discount", (*book).hasRoom},
	{"D elsewhere", SetAside, "discount without an order that is worth as much", ofCode("D")},
	{"price < 0", SetAside, "price below 0", func(_ *book, l *line) bool { return l.price < 0 }},
	{"POST, DOT, C2 in a `C…` invoice", SetAside, "postage taken back", inCancellation((*line).isPostage)},
	{"`C…` with a quantity > 0", SetAside, "cancellation of nothing", inCancellation(func(l *line) bool { return l.quantity > 0 })},
	{"`C…` without a CustomerID", SetAside, "cancellation by a guest", inCancellation(func(l *line) bool { return l.invoice.customer == 0 })},
	{"`C…` for as much as is left of earlier sales of the same code to the same customer, or less", Returned, "return", (*book).matches},
	{"`C…` elsewhere", SetAside, "cancellation without a sale", inCancellation(func(*line) bool { return true })},
	{"quantity < 0 without C", SetAside, "quantity below 0", func(_ *book, l *line) bool { return l.quantity < 0 }},
	{
		"POST, DOT, C2 in an invoice with goods", Charged, "postage",
		func(_ *book, l *line) bool { return l.charged() && l.invoice.goods > 0 },
	},
	{"POST, DOT, C2 elsewhere", SetAside, "postage without goods", func(_ *book, l *line) bool { return l.charged() }},
	{"a product without a CustomerID", Sold, "sale to a guest", func(_ *book, l *line) bool { return l.invoice.customer == 0 }},
	{
		"a product without a description, named by other lines of its code or else by the code", Sold, "sale without a description",
		func(_ *book, l *line) bool { return l.description == "" },
	},
	{"any other product", Sold, "sale", func(*book, *line) bool { return true }},
}

// unreadable is the rule that the reader applies: such lines never reach the others.
var unreadable = Rule{
	"unreadable, a column missing, beyond limits", Refused, "with line, column and byte offset",
	func(*book, *line) bool { return false },
}

func ofCode(code string) func(*book, *line) bool {
	return func(_ *book, l *line) bool { return l.is(code) }
}

func inCancellation(also func(*line) bool) func(*book, *line) bool {
	return func(_ *book, l *line) bool { return l.invoice.cancels() && also(l) }
}

// ruleFor returns the first rule that applies: the last one always does.
func ruleFor(b *book, l *line) *Rule {
	for i := range Rules {
		if Rules[i].applies(b, l) {
			return &Rules[i]
		}
	}
	panic("the last rule applies to every line")
}
