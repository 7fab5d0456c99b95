package retail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// A book gathers the lines of all files, and then closes every invoice in the order of their dates.
type book struct {
	invoices map[string]*invoice
	ordered  []*invoice // as they were first seen
	products map[string]*product
	texts    map[string]string // one copy of every description
	left     map[bought][]*lot // what may still come back
	tally    tally
}

func newBook() *book {
	return &book{
		invoices: map[string]*invoice{}, products: map[string]*product{},
		texts: map[string]string{}, left: map[bought][]*lot{}, tally: newTally(),
	}
}

// enter reads a file, line by line.
func (b *book) enter(ctx context.Context, index int, file *File, options Options) error {
	content, err := open(file.Path, options.MaxBytes)
	if err != nil {
		return err
	}
	defer func() { _ = content.Close() }() // it was only read
	r := newRecords(content, file.Encoding)
	header, err := readHeader(r)
	if err != nil {
		return fmt.Errorf("%s: %w", file.Path, err)
	}
	for {
		at, fields, bad, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return fmt.Errorf("read %s after line %d: %w", file.Path, at.Line, err)
		}
		if b.tally.lines++; b.tally.lines > options.MaxLines {
			return fmt.Errorf("%s: more than %d lines in all: read fewer files at once or raise --max-lines", file.Path, options.MaxLines)
		}
		file.Lines++
		var values [columnCount]value
		if bad == nil {
			values, bad = header.values(r, at, fields)
		}
		var worth *int64
		if bad == nil {
			worth, bad = b.write(index, values, options)
		}
		if bad != nil {
			bad.File = file.Path
			b.tally.refuse(bad, worth)
		}
	}
}

// write enters a line, or refuses it and says what it would be worth if that can be read.
func (b *book) write(file int, values [columnCount]value, options Options) (*int64, *Refusal) {
	n, badQuantity := values[quantity].whole(options.MaxQuantity)
	price, badPrice := values[unitPrice].pence(options.MaxPrice)
	l := line{quantity: n, price: price, file: int32(file), number: int32(values[invoiceNo].place.Line)}
	if badQuantity == nil && badPrice == nil && l.size() > maxValue {
		badQuantity = values[quantity].refuse(tooMuch, "%d × %d pence is more than %d", n, price, int64(maxValue))
	}
	var worth *int64
	if badQuantity == nil && badPrice == nil {
		value := l.value()
		worth = &value
	}
	header, bad := readInvoice(values)
	code, badCode := values[stockCode].code()
	header.file = file
	for _, bad := range []*Refusal{bad, badCode, badQuantity, badPrice} {
		if bad != nil {
			return worth, bad
		}
	}
	return worth, b.place(header, code, l, values)
}

func readInvoice(values [columnCount]value) (i invoice, bad *Refusal) {
	if i.number, bad = values[invoiceNo].invoice(); bad != nil {
		return i, bad
	}
	if i.at, bad = values[invoiceDate].moment(); bad != nil {
		return i, bad
	}
	if i.customer, bad = values[customerID].customer(); bad != nil {
		return i, bad
	}
	i.country, bad = values[country].nation()
	return i, bad
}

// place puts a line into its invoice.
func (b *book) place(header invoice, code string, l line, values [columnCount]value) *Refusal {
	l.description = b.text(values[description].text)
	l.product = b.products[code]
	if l.product == nil {
		l.product = &product{code: code}
	}
	l.invoice = b.invoices[header.number]
	if l.invoice == nil {
		l.invoice = &header
	}
	if bad := l.unfit(header, values); bad != nil {
		return bad
	}
	if b.invoices[header.number] == nil {
		b.invoices[header.number] = l.invoice
		b.ordered = append(b.ordered, l.invoice)
	}
	b.products[l.product.code] = l.product
	l.invoice.enter(l)
	return nil
}

// unfit refuses a line that its invoice or the shop has no place for.
func (l *line) unfit(header invoice, values [columnCount]value) *Refusal {
	repeated := int(l.file) != l.invoice.file
	switch {
	case !repeated && header.customer != l.invoice.customer:
		return values[customerID].refuse(badCustomer, "invoice %s began with another customer", header.number)
	case l.sellable() && !sku.MatchString(l.product.code):
		return values[stockCode].refuse(badCode, "%q is not a code of letters, digits, dots and dashes, 32 at most", shorten(l.product.code, 40))
	case !repeated && l.sellable() && l.invoice.goods == MaxItems:
		return values[stockCode].refuse(tooMuch, "invoice %s has more than %d lines of goods", header.number, MaxItems)
	case !repeated && l.adjusts() && l.invoice.adjustments == MaxCharges:
		return values[stockCode].refuse(tooMuch, "invoice %s has more than %d fees and discounts", header.number, MaxCharges)
	}
	return nil
}

func (i *invoice) enter(l line) {
	i.lines = append(i.lines, l)
	l.product.note(&l)
	if int(l.file) != i.file {
		return
	}
	if l.sellable() {
		i.goods++
	}
	if l.adjusts() {
		i.adjustments++
	}
	if l.sellable() || l.charged() {
		i.gross += l.value()
	}
}

func (b *book) text(text string) string {
	if known, ok := b.texts[text]; ok {
		return known
	}
	b.texts[text] = text
	return text
}

// plan closes the book.
func (b *book) plan(files []File) *Plan {
	slices.SortStableFunc(b.ordered, func(x, y *invoice) int { return x.at.Compare(y.at) })
	p := &Plan{Files: files}
	customers := map[int64]bool{}
	for _, i := range b.ordered {
		b.close(i, len(files))
		if i.sale != nil {
			p.Sales = append(p.Sales, i.sale)
			customers[i.customer] = true
		}
		if i.refund != nil {
			p.Returns = append(p.Returns, i.refund)
		}
	}
	delete(customers, 0)
	p.Customers = slices.Sorted(maps.Keys(customers))
	for _, product := range b.products {
		if product.sold != nil {
			p.Products = append(p.Products, product.finished())
		}
	}
	slices.SortFunc(p.Products, func(x, y Product) int { return cmp.Compare(x.SKU, y.SKU) })
	p.Report = b.tally.report(files)
	return p
}

// close applies the rules to an invoice's lines.
func (b *book) close(i *invoice, files int) {
	type likeness struct {
		product         *product
		quantity, price int64
		description     string
	}
	seen := map[likeness]bool{}
	for n := range i.lines {
		l := &i.lines[n]
		like := likeness{l.product, l.quantity, l.price, l.description}
		if seen[like] {
			b.tally.repeated++
		}
		seen[like] = true
		rule := ruleFor(b, l)
		b.tally.count(rule.Outcome, rule.Reason, l.value())
		b.act(l, rule.Outcome, files)
	}
	i.lines = nil
}

func (b *book) act(l *line, outcome Outcome, files int) {
	switch outcome {
	case Sold:
		item := l.invoice.add(Item{l.product.code, l.quantity, l.price})
		l.product.sell(int(l.file), files, l.quantity)
		b.keep(l, item)
	case Charged, TakenOff:
		l.invoice.charge(Charge{outcome == TakenOff, l.product.code, l.chargeName(), l.size()})
	case Returned:
		l.invoice.takeBack(ReturnLine{l.value(), b.take(l)})
	}
}
