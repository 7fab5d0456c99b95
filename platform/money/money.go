// Package money counts in minor units of a currency, exactly. What does not fit is an error and never
// wraps around; nothing here rounds unless its name says so.
package money

import (
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Money is an amount in minor units (pence, cents) of an ISO 4217 currency.
type Money struct {
	Amount   int64  `json:"amount" doc:"Amount in minor units" example:"1999"`
	Currency string `json:"currency" minLength:"3" maxLength:"3" pattern:"^[A-Z]{3}$" doc:"ISO 4217 code" example:"GBP"`
}

// New returns amount minor units of a currency. The currency is not checked: see Check.
func New(amount int64, currency string) Money { return Money{Amount: amount, Currency: currency} }

// Check returns an error unless the currency is one of ISO 4217.
func (m Money) Check() error {
	_, err := Exponent(m.Currency)
	return err
}

// IsZero reports whether the amount is zero.
func (m Money) IsZero() bool { return m.Amount == 0 }

// IsNegative reports whether the amount is below zero.
func (m Money) IsNegative() bool { return m.Amount < 0 }

// Add returns m + other. Two currencies and an overflow are errors.
func (m Money) Add(other Money) (Money, error) {
	if err := m.same(other); err != nil {
		return Money{}, err
	}
	sum := m.Amount + other.Amount
	if (other.Amount > 0) != (sum > m.Amount) && other.Amount != 0 {
		return Money{}, tooLarge()
	}
	return Money{sum, m.Currency}, nil
}

// Sub returns m − other. Two currencies and an overflow are errors.
func (m Money) Sub(other Money) (Money, error) {
	if err := m.same(other); err != nil {
		return Money{}, err
	}
	difference := m.Amount - other.Amount
	if (other.Amount < 0) != (difference > m.Amount) && other.Amount != 0 {
		return Money{}, tooLarge()
	}
	return Money{difference, m.Currency}, nil
}

// Mul returns m × n. An overflow is an error.
func (m Money) Mul(n int64) (Money, error) {
	high, low := bits.Mul64(magnitude(m.Amount), magnitude(n))
	negative := (m.Amount < 0) != (n < 0)
	switch {
	case high == 0 && low <= math.MaxInt64:
		product := int64(low)
		if negative {
			product = -product
		}
		return Money{product, m.Currency}, nil
	case high == 0 && low == 1<<63 && negative:
		return Money{math.MinInt64, m.Currency}, nil
	default:
		return Money{}, tooLarge()
	}
}

// Sum adds amounts of one currency; no amounts are zero of it.
func Sum(currency string, amounts ...Money) (Money, error) {
	total := Money{Currency: currency}
	for _, amount := range amounts {
		var err error
		if total, err = total.Add(amount); err != nil {
			return Money{}, err
		}
	}
	return total, nil
}

// Allocate splits m into one part per weight, in proportion to the weights, so that the parts add up to
// m exactly: each is rounded towards zero, and what is left goes minor unit by minor unit to the first
// parts with a weight. Weights are not negative; if all are zero the first part is all of m.
func (m Money) Allocate(weights []int64) ([]Money, error) {
	parts := make([]Money, len(weights))
	var total uint64
	for i, weight := range weights {
		parts[i].Currency = m.Currency
		if weight < 0 {
			return nil, fault.New(fault.Invalid, "a part has the negative weight %d", weight)
		}
		if total+uint64(weight) > math.MaxInt64 {
			return nil, tooLarge()
		}
		total += uint64(weight)
	}
	if len(parts) == 0 {
		if m.Amount != 0 {
			return nil, fault.New(fault.Invalid, "%s cannot be split into no parts", m)
		}
		return parts, nil
	}
	if total == 0 {
		parts[0].Amount = m.Amount
		return parts, nil
	}
	left := m.Amount
	for i, weight := range weights {
		high, low := bits.Mul64(magnitude(m.Amount), uint64(weight))
		share, _ := bits.Div64(high, low, total) // weight ≤ total, so the quotient fits
		parts[i].Amount = signed(share, m.Amount < 0)
		left -= parts[i].Amount
	}
	step := int64(1)
	if left < 0 {
		step = -1
	}
	for i := 0; left != 0; i = (i + 1) % len(parts) {
		if weights[i] > 0 {
			parts[i].Amount += step
			left -= step
		}
	}
	return parts, nil
}

// String writes the amount with its decimals and its currency: "19.99 GBP".
func (m Money) String() string { return m.Decimal() + " " + m.Currency }

// Decimal writes the amount with the decimals of its currency: "19.99". An unknown currency is written
// as if it had two.
func (m Money) Decimal() string {
	exponent, err := Exponent(m.Currency)
	if err != nil {
		exponent = 2
	}
	digits := strconv.FormatUint(magnitude(m.Amount), 10)
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	if exponent > 0 {
		digits = digits[:len(digits)-exponent] + "." + digits[len(digits)-exponent:]
	}
	if m.Amount < 0 {
		return "-" + digits
	}
	return digits
}

// Parse reads a decimal number such as "2.55", "-3" or "12.0" as an amount of a currency. Digits beyond
// those of the currency must be zero; exponents, spaces and separators are errors.
func Parse(decimal, currency string) (Money, error) {
	exponent, err := Exponent(currency)
	if err != nil {
		return Money{}, err
	}
	unsigned, negative := strings.CutPrefix(decimal, "-")
	whole, fraction, point := strings.Cut(unsigned, ".")
	if whole == "" || (point && fraction == "") || !allDigits(whole) || !allDigits(fraction) {
		return Money{}, fault.New(fault.Invalid, "%q is not a decimal number such as 2.55", decimal)
	}
	for len(fraction) < exponent {
		fraction += "0"
	}
	if strings.Trim(fraction[exponent:], "0") != "" {
		return Money{}, fault.New(fault.Invalid, "%q has more decimals than the %d of %s", decimal, exponent, currency)
	}
	amount, err := strconv.ParseUint(whole+fraction[:exponent], 10, 64)
	if err != nil || amount > math.MaxInt64 {
		return Money{}, tooLarge()
	}
	return Money{signed(amount, negative), currency}, nil
}

func (m Money) same(other Money) error {
	if m.Currency != other.Currency {
		return fault.New(fault.Invalid, "%s and %s are two currencies", m, other)
	}
	return nil
}

func tooLarge() error {
	return fault.New(fault.Invalid, "the amount is too large").WithCode("amount-too-large")
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func signed(magnitude uint64, negative bool) int64 {
	if negative {
		return -int64(magnitude)
	}
	return int64(magnitude)
}

func allDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }
