package retail

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/platform/money"
)

// A value is the text of one column of one line, trimmed.
type value struct {
	column string
	text   string
	place  Place
}

func (v value) refuse(reason, format string, args ...any) *Refusal {
	return refuse(v.place, v.column, reason, format, args...)
}

// required is the text, which must be there and no longer than limit bytes.
func (v value) required(limit int) (string, *Refusal) {
	switch {
	case v.text == "":
		return "", v.refuse(missing, "there is no %s", v.column)
	case len(v.text) > limit:
		return "", v.refuse(tooLong, "longer than %d bytes", limit)
	}
	return v.text, nil
}

var integer = regexp.MustCompile(`^(-?[0-9]+)(\.0+)?$`)

// whole is a whole number within ±limit. Spreadsheets write 6 as 6.0, which is exact; 6e3 is not taken.
func (v value) whole(limit int64) (int64, *Refusal) {
	if _, bad := v.required(MaxField); bad != nil {
		return 0, bad
	}
	match := integer.FindStringSubmatch(v.text)
	if match == nil {
		return 0, v.refuse(badNumber, "%q is not a whole number such as 6 or 6.0", shorten(v.text, 40))
	}
	n, err := strconv.ParseInt(match[1], 10, 64)
	if err != nil || n > limit || n < -limit {
		return 0, v.refuse(tooMuch, "%s is beyond ±%d", shorten(v.text, 40), limit)
	}
	return n, nil
}

// pence is an amount of at most two decimals within ±limit.
func (v value) pence(limit int64) (int64, *Refusal) {
	if _, bad := v.required(MaxField); bad != nil {
		return 0, bad
	}
	amount, err := money.Parse(v.text, Currency)
	if err != nil {
		return 0, v.refuse(badNumber, "%s", shorten(err.Error(), 120))
	}
	if amount.Amount > limit || amount.Amount < -limit {
		return 0, v.refuse(tooMuch, "%s is beyond ±%s", shorten(v.text, 40), money.New(limit, Currency).Decimal())
	}
	return amount.Amount, nil
}

// The two ways the files write a moment: the second is month/day/year. Neither has a zone, and none is
// needed: moments are only put in order.
const (
	isoDate      = "2006-01-02 15:04:05"
	americanDate = "1/2/2006 15:04"
)

func (v value) moment() (time.Time, *Refusal) {
	if _, bad := v.required(MaxField); bad != nil {
		return time.Time{}, bad
	}
	for _, layout := range []string{isoDate, americanDate} {
		if at, err := time.Parse(layout, v.text); err == nil && len(v.text) <= len(isoDate) {
			return at, nil
		}
	}
	return time.Time{}, v.refuse(badDate, "%q is not a date such as 2010-12-01 08:26:00 or 12/1/2010 8:26", shorten(v.text, 40))
}

// maxCustomer keeps a customer's number readable in an address.
const maxCustomer = 999_999_999_999

// customer is a customer's number, 0 for a guest.
func (v value) customer() (int64, *Refusal) {
	if v.text == "" {
		return 0, nil
	}
	n, bad := v.whole(maxCustomer)
	if bad == nil && n <= 0 {
		bad = v.refuse(badNumber, "%d is not a customer's number", n)
	}
	return n, bad
}

// code folds a code's letter case.
func (v value) code() (string, *Refusal) {
	text, bad := v.required(64)
	return strings.ToUpper(text), bad
}

// nation is where the goods went.
func (v value) nation() (Country, *Refusal) {
	found, ok := CountryNamed(v.text)
	if !ok {
		return Country{}, v.refuse(badCountry, "%q is not a country we know: write its name or its two-letter code", shorten(v.text, 40))
	}
	return found, nil
}

var invoiceNumber = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_.-]{0,31}$`)

// rounded is what a spreadsheet makes of a long number.
var rounded = regexp.MustCompile(`^[0-9.]+E[0-9]+$`)

// invoice is an invoice's number, which is a text: it may begin with a letter.
func (v value) invoice() (string, *Refusal) {
	text, bad := v.required(64)
	if bad != nil {
		return "", bad
	}
	if match := integer.FindStringSubmatch(text); match != nil {
		text = match[1] // a spreadsheet's 536365.0
	}
	text = strings.ToUpper(text)
	if !invoiceNumber.MatchString(text) || rounded.MatchString(text) {
		return "", v.refuse(badNumber, "%q is not an invoice number such as 536365 or C536379", shorten(v.text, 40))
	}
	return text, nil
}
