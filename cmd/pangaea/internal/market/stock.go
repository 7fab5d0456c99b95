package market

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A StockReport says what Stock made of the files.
type StockReport struct {
	retail.Report
	ProductsListed int64   `json:"products_listed"`
	ProductsThere  int64   `json:"products_there"` // before
	Customers      int     `json:"customers"`
	Receipts       int     `json:"receipts"`
	Pieces         int64   `json:"pieces"`
	Seconds        float64 `json:"seconds"`
	Problems
}

// A StockFactor says how much of what the files sell is received into stock.
type StockFactor struct{ ratio *big.Rat }

var stockFactor = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,9})?$`)

// ParseStockFactor reads a decimal number below 1000.
func ParseStockFactor(text string) (StockFactor, error) {
	if !stockFactor.MatchString(text) {
		return StockFactor{}, fmt.Errorf("%q is not a stock factor such as 1 or 0.5", text)
	}
	ratio, _ := new(big.Rat).SetString(text)
	return StockFactor{ratio}, nil
}

// of rounds down: rather a piece too few than one that nobody asked for.
func (f StockFactor) of(quantity int64) int64 {
	share := new(big.Rat).Mul(f.ratio, new(big.Rat).SetInt64(quantity))
	return new(big.Int).Quo(share.Num(), share.Denom()).Int64()
}

// A receipt is a product's opening stock from one file.
type receipt struct {
	sku      string
	file     retail.File
	quantity int64
}

// Stock lists the products that the files sell, gives their customers accounts, and receives what each
// file sells times the factor, under the file's content as reference: once, however often it is run.
func Stock(ctx context.Context, shop *shopclient.Client, plan *retail.Plan, factor StockFactor, atOnce int, board *progress.Board) (*StockReport, error) {
	began := time.Now()
	report := &StockReport{Report: plan.Report, Problems: Problems{Texts: []string{}}}
	c := &crew{shop, atOnce, board, &report.Problems}
	if err := c.list(ctx, plan.Products, report); err != nil {
		return nil, err
	}
	if err := c.enter(ctx, plan.Customers, report); err != nil {
		return nil, err
	}
	if err := c.receive(ctx, receiptsOf(plan, factor), report); err != nil {
		return nil, err
	}
	report.Seconds = time.Since(began).Seconds()
	return report, nil
}

func (c *crew) list(ctx context.Context, products []retail.Product, report *StockReport) error {
	var listed, there atomic.Int64
	err := all(ctx, c, "products", products, func(ctx context.Context, p retail.Product) error {
		fresh, err := c.shop.ListProduct(ctx, shopclient.Product{
			SKU: p.SKU, Name: p.Name, Category: p.Category, Price: money.New(p.Price, retail.Currency),
		})
		switch {
		case err != nil:
			return err
		case fresh:
			listed.Add(1)
		default:
			there.Add(1)
		}
		return nil
	})
	report.ProductsListed, report.ProductsThere = listed.Load(), there.Load()
	return err
}

func (c *crew) enter(ctx context.Context, customers []int64, report *StockReport) error {
	report.Customers = len(customers)
	return all(ctx, c, "customers", customers, func(ctx context.Context, number int64) error {
		_, err := c.shop.EnterCustomer(ctx, customerEmail(number), customerName(number))
		return err
	})
}

func (c *crew) receive(ctx context.Context, receipts []receipt, report *StockReport) error {
	report.Receipts = len(receipts)
	for _, r := range receipts {
		report.Pieces += r.quantity
	}
	return all(ctx, c, "opening stock", receipts, func(ctx context.Context, r receipt) error {
		key := fmt.Sprintf("%s:%.16s:%s:%d", source, r.file.Hash, r.sku, r.quantity)
		err := c.shop.Receive(ctx, r.sku, r.quantity, source+" "+r.file.Hash, key)
		if shopclient.Is(err, "booked-differently") { // not wrapped: it concerns every product and ends the run
			return fmt.Errorf("%s was imported before with another stock factor, which cannot be changed: %s", r.file.Path, err.Error())
		}
		return err
	})
}

// receiptsOf has the largest receipts first: those a file was imported with at another stock factor tell
// so before any that it was imported without.
func receiptsOf(plan *retail.Plan, factor StockFactor) []receipt {
	var receipts []receipt
	for i, file := range plan.Files {
		for _, p := range plan.Products {
			if n := factor.of(p.Sold[i]); n > 0 {
				receipts = append(receipts, receipt{p.SKU, file, n})
			}
		}
	}
	slices.SortStableFunc(receipts, func(x, y receipt) int { return cmp.Compare(y.quantity, x.quantity) })
	return receipts
}
