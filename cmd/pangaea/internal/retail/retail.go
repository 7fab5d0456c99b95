// Package retail reads sales lines of the Online Retail kind and decides, line by line, what a shop
// makes of them. It knows files and rules, and nothing of HTTP.
//
//	files ─▶ survey ─▶ records ─▶ lines ─▶ Rules ─┬─▶ Plan: products, customers, sales, returns
//	(hash, encoding)     └─ refused ──────────────┴─▶ Report: every line and penny accounted for
//
// Amounts are pence. A line's value is quantity × price, with its sign.
package retail

import (
	"context"
	"fmt"
)

// Currency is what the files' prices are in.
const Currency = "GBP"

// Options bound what is read. The zero value of a field is not a bound: start from Defaults.
type Options struct {
	Encoding    Encoding // Detect decides per file
	MaxBytes    int64    // of one file, unpacked
	MaxLines    int      // of all files
	MaxQuantity int64    // of a line, either sign
	MaxPrice    int64    // of a unit in pence, either sign
}

// The fixed bounds, and what the others can be raised to. maxValue × mostLines is an int64: no sum of
// lines overflows.
const (
	MaxField   = 64 << 10  // bytes of a field
	MaxItems   = 2000      // goods lines of an invoice: what the shop takes in one order
	MaxCharges = 50        // fees and discounts of an invoice, likewise
	maxLine    = 256 << 10 // bytes of a line

	maxValue     = 100_000_000_000 // pence of a line, either sign
	mostLines    = 50_000_000
	mostQuantity = 1_000_000     // of an order's line
	mostPrice    = 1_000_000_000 // of a product
)

// Defaults holds twice the largest known file.
func Defaults() Options {
	return Options{MaxBytes: 1 << 30, MaxLines: 2_000_000, MaxQuantity: 1_000_000, MaxPrice: 100_000_000}
}

// Read reads files in the order given, applies the Rules to every line, in the order of the invoices'
// dates, and returns what is to be done. A file that cannot be read at all is an error; a line that
// cannot be read is a refusal in the plan's report. The plan holds about 100 bytes a line.
func Read(ctx context.Context, paths []string, options Options) (*Plan, error) {
	files, err := surveyAll(ctx, paths, options)
	if err != nil {
		return nil, err
	}
	b := newBook()
	for i := range files {
		if err := b.enter(ctx, i, &files[i], options); err != nil {
			return nil, err
		}
	}
	return b.plan(files), nil
}

func surveyAll(ctx context.Context, paths []string, options Options) ([]File, error) {
	if len(paths) == 0 {
		return nil, fmt.Errorf("name at least one file")
	}
	var files []File
	byHash := map[string]string{}
	for _, path := range paths {
		file, err := survey(ctx, path, options)
		if err != nil {
			return nil, err
		}
		if twin, ok := byHash[file.Hash]; ok {
			return nil, fmt.Errorf("%s and %s have the same content: name one of them", twin, path)
		}
		byHash[file.Hash] = path
		files = append(files, file)
	}
	return files, nil
}

// Check reports bounds that the arithmetic or the shop cannot hold.
func (o Options) Check() error {
	switch {
	case o.MaxBytes < 1:
		return fmt.Errorf("the bound of a file is %d bytes: it must be at least 1", o.MaxBytes)
	case o.MaxLines < 1 || o.MaxLines > mostLines:
		return fmt.Errorf("the bound of lines is %d: it must be between 1 and %d", o.MaxLines, mostLines)
	case o.MaxQuantity < 1 || o.MaxQuantity > mostQuantity:
		return fmt.Errorf("the bound of quantities is %d: it must be between 1 and %d, which the shop takes", o.MaxQuantity, mostQuantity)
	case o.MaxPrice < 1 || o.MaxPrice > mostPrice:
		return fmt.Errorf("the bound of prices is %d pence: it must be between 1 and %d, which the shop takes", o.MaxPrice, mostPrice)
	}
	return nil
}
