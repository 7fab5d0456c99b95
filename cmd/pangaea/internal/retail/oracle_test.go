package retail_test

import (
	"compress/gzip"
	"encoding/csv"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
)

// The oracle shares no code with what it checks: the standard library's CSV reader, and fractions.
func TestEveryLineAndPennyIsAccountedFor(t *testing.T) {
	for _, path := range append(realFiles(t), "testdata/rules.csv", "testdata/rules.csv.gz", "testdata/latin1.csv", "testdata/utf8-bom.csv") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			lines, value, sold := oracle(t, path)
			plan := read(t, path)
			r := plan.Report

			require.Equal(t, lines, r.Lines)
			require.Equal(t, lines, plan.Files[0].Lines)
			require.Equal(t, pennies(t, value), r.Value)
			accountedFor(t, r)

			total := new(big.Rat)
			for _, reason := range r.Reasons {
				if reason.Outcome == retail.Sold {
					total.Add(total, big.NewRat(reason.Value, 1))
				}
			}
			require.Equal(t, pennies(t, sold), pennies(t, total.Quo(total, big.NewRat(100, 1))))
			ordersComeTo(t, plan)
		})
	}
}

// accountedFor is the promise of every report.
func accountedFor(t require.TestingT, r retail.Report) {
	require.Equal(t, r.Lines, r.LinesAccepted+r.LinesSetAside+r.LinesRefused)
	require.Equal(t, r.Value, r.ValueAccepted+r.ValueSetAside+r.ValueRefused)
	require.Equal(t, r.LinesRefused, len(r.Refusals)+r.RefusalsOmitted)
	var lines int
	var value int64
	for _, reason := range r.Reasons {
		lines += reason.Lines
		value += reason.Value
	}
	require.Equal(t, r.Lines, lines)
	require.Equal(t, r.Value, value)
}

// ordersComeTo checks that what is to be done is worth what was accepted, and no more is taken back than was sold.
func ordersComeTo(t *testing.T, plan *retail.Plan) {
	t.Helper()
	var accepted int64
	left := map[*retail.Sale][]int64{}
	soldOf := map[string]int64{}
	for _, sale := range plan.Sales {
		var total int64
		for _, item := range sale.Items {
			total += item.Quantity * item.Price
			left[sale] = append(left[sale], item.Quantity)
			soldOf[item.SKU] += item.Quantity
		}
		for _, c := range sale.Charges {
			if c.Discount {
				total -= c.Amount
			} else {
				total += c.Amount
			}
		}
		require.Equal(t, total, sale.Total)
		require.GreaterOrEqual(t, total, int64(0))
		require.NotEmpty(t, sale.Items)
		accepted += total
	}
	for _, back := range plan.Returns {
		for _, line := range back.Lines {
			accepted += line.Value
			for _, part := range line.Parts {
				require.False(t, part.Sale.At.After(back.At))
				left[part.Sale][part.Item] -= part.Quantity
				require.GreaterOrEqual(t, left[part.Sale][part.Item], int64(0))
			}
		}
	}
	require.Equal(t, plan.Report.ValueAccepted, accepted, "the fixtures have no discount with a positive value")
	for _, product := range plan.Products {
		var sold int64
		for _, n := range product.Sold {
			sold += n
		}
		require.Equal(t, soldOf[product.SKU], sold)
	}
}

// oracle counts a well-formed file's lines, what they are worth, and what its plain sales are worth.
func oracle(t *testing.T, path string) (lines int, value, sold *big.Rat) {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }() // it was only read
	var content io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		content, err = gzip.NewReader(file)
		require.NoError(t, err)
	}
	rows, err := csv.NewReader(content).ReadAll()
	require.NoError(t, err)
	column := map[string]int{}
	for i, name := range rows[0] {
		column[strings.TrimPrefix(name, "\ufeff")] = i
	}
	value, sold = new(big.Rat), new(big.Rat)
	for _, row := range rows[1:] {
		lines++
		quantity, ok := new(big.Rat).SetString(row[column["Quantity"]])
		require.True(t, ok)
		price, ok := new(big.Rat).SetString(row[column["UnitPrice"]])
		require.True(t, ok)
		if pence := new(big.Rat).Mul(price, big.NewRat(100, 1)); !pence.IsInt() {
			continue // refused, and worth nothing that a penny could show
		}
		worth := new(big.Rat).Mul(quantity, price)
		value.Add(value, worth)
		if isSale(row[column["InvoiceNo"]], strings.ToUpper(row[column["StockCode"]]), row[column["Description"]], quantity, price) {
			sold.Add(sold, worth)
		}
	}
	return lines, value, sold
}

func isSale(invoice, code, description string, quantity, price *big.Rat) bool {
	switch code {
	case "POST", "DOT", "C2", "D", "M", "S", "BANK CHARGES", "AMAZONFEE", "CRUK", "B":
		return false
	}
	return !strings.HasPrefix(invoice, "C") && quantity.Sign() > 0 && price.Sign() > 0 &&
		!strings.HasPrefix(code, "GIFT_0001") && !strings.Contains(description, "Gift Voucher")
}

func pennies(t *testing.T, value *big.Rat) int64 {
	t.Helper()
	pence := new(big.Rat).Mul(value, big.NewRat(100, 1))
	require.True(t, pence.IsInt())
	return pence.Num().Int64()
}

// realFiles are the data set's own, where PANGAEA_RETAIL_DATA says where they are. The fixtures cover
// every rule without them.
func realFiles(t *testing.T) []string {
	t.Helper()
	folder := os.Getenv("PANGAEA_RETAIL_DATA")
	if folder == "" {
		t.Log("PANGAEA_RETAIL_DATA is not set: only our own fixtures are read")
		return nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.csv*"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}
