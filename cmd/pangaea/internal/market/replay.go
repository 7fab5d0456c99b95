package market

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A ReplayReport says what became of the files' invoices.
type ReplayReport struct {
	retail.Report
	Orders         map[string]int `json:"orders"`         // by final status
	CancelReasons  map[string]int `json:"cancel_reasons"` // of the cancelled ones
	ValueDelivered int64          `json:"value_delivered_minor"`
	Returns        map[string]int `json:"returns"` // by final status; one per invoice and order it takes back from
	ValueRefunded  int64          `json:"value_refunded_minor"`
	Seconds        float64        `json:"seconds"`
	Problems
}

// A Replayer sells a plan again.
type Replayer struct {
	Shop   *shopclient.Client
	AtOnce int
	Board  *progress.Board
	Stall  time.Duration // how long nothing may happen before waiting is given up

	crew   *crew
	report *ReplayReport
	orders map[string]shopclient.Order // by reference, as they ended
}

// Replay places an order for every sale of the plan, waits until all have ended, and then returns what
// the plan returns and waits until the money went back.
func (r *Replayer) Replay(ctx context.Context, plan *retail.Plan) (*ReplayReport, error) {
	began := time.Now()
	r.report = &ReplayReport{
		Report: plan.Report, Orders: map[string]int{}, CancelReasons: map[string]int{}, Returns: map[string]int{},
		Problems: Problems{Texts: []string{}},
	}
	r.report.Reasons = slices.Clone(plan.Report.Reasons) // to be changed where the shop knows better
	r.crew = &crew{r.Shop, r.AtOnce, r.Board, &r.report.Problems}

	ids, err := r.customers(ctx, plan.Customers)
	if err != nil {
		return nil, err
	}
	placed, err := r.place(ctx, plan.Sales, ids)
	if err != nil {
		return nil, err
	}
	if r.orders, err = r.awaitOrders(ctx, placed); err != nil {
		return nil, err
	}
	for _, o := range r.orders {
		r.report.Orders[string(o.Status)]++
		if o.Status == shopclient.Cancelled {
			r.report.CancelReasons[o.CancelReason]++
		} else {
			r.report.ValueDelivered += o.Total.Amount
		}
	}
	if err := r.takeBack(ctx, plan.Returns); err != nil {
		return nil, err
	}
	r.report.Seconds = time.Since(began).Seconds()
	return r.report, nil
}

// customers finds the accounts of customers by their numbers.
func (r *Replayer) customers(ctx context.Context, numbers []int64) (map[int64]string, error) {
	ids := newTable[int64, string]()
	err := all(ctx, r.crew, "customers", numbers, func(ctx context.Context, number int64) error {
		id, err := r.Shop.FindCustomer(ctx, customerEmail(number))
		if err == nil && id != "" {
			ids.put(number, id)
		}
		return err
	})
	if err == nil && len(numbers) > 0 && len(ids.rows) == 0 {
		err = fmt.Errorf("the shop knows none of the %d customers: import the files first", len(numbers))
	}
	return ids.rows, err
}

// How far placing runs ahead of the shop: no more than three chunks of orders wait for their money, or a
// shop that takes orders faster than it leads them to their end would cancel them at their deadline.
const (
	chunk = 100
	ahead = 2
)

// place places the orders and returns their references.
func (r *Replayer) place(ctx context.Context, sales []*retail.Sale, customers map[int64]string) (map[string]bool, error) {
	step := r.Board.Step("orders placed", len(sales))
	defer step.End()
	placed := newTable[string, bool]()
	for i := 0; i < len(sales); i += chunk {
		if i >= ahead*chunk {
			if err := r.keepUp(ctx, reference(sales[i-ahead*chunk+chunk-1].Invoice)); err != nil {
				return nil, err
			}
		}
		err := each(ctx, r.crew, step, sales[i:min(i+chunk, len(sales))], func(ctx context.Context, sale *retail.Sale) error {
			ok, err := r.placeOne(ctx, sale, customers)
			if ok {
				placed.put(reference(sale.Invoice), true)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return placed.rows, nil
}

// placeOne reports whether the shop has the order, now or from an earlier run.
func (r *Replayer) placeOne(ctx context.Context, sale *retail.Sale, customers map[int64]string) (bool, error) {
	customer := shopclient.Guest
	if sale.Customer != 0 {
		if customer = customers[sale.Customer]; customer == "" {
			r.crew.problems.add("invoice %s: customer %d has no account: import the file first", sale.Invoice, sale.Customer)
			return false, nil
		}
	}
	order, err := r.Shop.Place(ctx, orderOf(sale, customer), reference(sale.Invoice))
	if err != nil {
		return false, fmt.Errorf("invoice %s: %w", sale.Invoice, err)
	}
	if order.Total.Amount != sale.Total {
		r.crew.problems.add("invoice %s comes to %d and its order to %d", sale.Invoice, sale.Total, order.Total.Amount)
	}
	return true, nil
}

// reference is an invoice's name in the shop: of its order, and of the returns it asks for.
func reference(invoice string) string { return source + ":" + invoice }

func orderOf(sale *retail.Sale, customer string) shopclient.NewOrder {
	name := "Guest"
	if sale.Customer != 0 {
		name = customerName(sale.Customer)
	}
	o := shopclient.NewOrder{
		CustomerID: customer, Reference: reference(sale.Invoice), Payment: shopclient.Payment{CardToken: "tok_approve"},
		Address: shopclient.Address{ // the files say no more than the country
			Name: name, Line1: "not recorded", City: sale.Country.Name, PostalCode: "-", Country: sale.Country.Code,
		},
	}
	for _, item := range sale.Items {
		o.Items = append(o.Items, shopclient.NewItem{
			SKU: item.SKU, Quantity: item.Quantity, UnitPrice: money.New(item.Price, retail.Currency),
		})
	}
	for _, c := range sale.Charges {
		kind := "fee"
		if c.Discount {
			kind = "discount"
		}
		o.Adjustments = append(o.Adjustments, shopclient.Adjustment{
			Kind: kind, Code: c.Code, Description: c.Description, Amount: money.New(c.Amount, retail.Currency),
		})
	}
	return o
}
