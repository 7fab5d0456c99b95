package product

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// Currency is the one that the shop sells in.
const Currency = "GBP"

// MaxPrice is the highest price in minor units: a thousand million times it still fits an amount.
const MaxPrice = 1_000_000_000

var wellFormed = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_.-]{0,31}$`)

// SKU folds the name of a product to upper case and checks its form.
func SKU(s string) (string, error) {
	s = strings.ToUpper(s)
	if !wellFormed.MatchString(s) {
		return "", fault.Wrong("sku", "must be 1 to 32 of A-Z, 0-9, '_', '.' and '-', the first a letter or a digit")
	}
	return s, nil
}

// Content is what the shop says of a product.
type Content struct {
	Name        string
	Description string
	Category    string // empty: none
	Price       money.Money
}

// A Revision changes the content of a product; what is nil stays.
type Revision struct {
	Name        *string
	Description *string
	Category    *string
	Price       *money.Money
}

// Text returns s without surrounding space. Text that not every database can keep, or that no page
// can show, is an error about the field.
func Text(field, s string) (string, error) {
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		return "", fault.Wrong(field, "must not contain control characters")
	}
	return strings.TrimSpace(s), nil
}

func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }

func (c Content) cleaned() (Content, error) {
	for _, text := range []struct {
		field string
		value *string
		limit int
	}{{"name", &c.Name, 200}, {"description", &c.Description, 4000}, {"category", &c.Category, 60}} {
		clean, err := Text(text.field, *text.value)
		if err != nil {
			return c, err
		}
		if utf8.RuneCountInString(clean) > text.limit {
			return c, fault.Wrong(text.field, "must not be longer than %d characters", text.limit)
		}
		*text.value = clean
	}
	switch {
	case c.Name == "":
		return c, fault.Wrong("name", "must not be empty")
	case c.Price.Currency != Currency:
		return c, fault.Wrong("price.currency", "must be %s, the currency of this shop", Currency)
	case c.Price.Amount < 0 || c.Price.Amount > MaxPrice:
		return c, fault.Wrong("price.amount", "must be 0 to %d", MaxPrice)
	}
	return c, nil
}

func (r Revision) applied(c Content) Content {
	set(&c.Name, r.Name)
	set(&c.Description, r.Description)
	set(&c.Category, r.Category)
	set(&c.Price, r.Price)
	return c
}

func set[T any](target, value *T) {
	if value != nil {
		*target = *value
	}
}
