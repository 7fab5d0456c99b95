package market

import (
	"context"
	"fmt"
	"slices"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
)

// A refund is what one C invoice takes back from one order.
type refund struct {
	invoice string
	sale    *retail.Sale
	pieces  map[int]int64 // by index of the sale's item
}

// name finds a refund among an order's returns.
type name struct{ order, reason string }

// takeBack requests and accepts every return that the orders allow, and waits for the money.
func (r *Replayer) takeBack(ctx context.Context, returns []*retail.Return) error {
	refunds := r.refunds(returns)
	there, err := r.returnsOf(ctx, refunds, "")
	if err != nil {
		return err
	}
	asked := newTable[name, bool]()
	err = all(ctx, r.crew, "returns", refunds, func(ctx context.Context, f refund) error {
		back, known := there[r.name(f)]
		if !known {
			var err error
			if back, err = r.request(ctx, f); err != nil {
				return fmt.Errorf("invoice %s: %w", f.invoice, err)
			}
		}
		asked.put(r.name(f), true)
		if back.Status != shopclient.ReturnRequested {
			return nil
		}
		_, err := r.Shop.AcceptReturn(ctx, back.ID)
		return err
	})
	if err != nil {
		return err
	}
	return r.awaitRefunds(ctx, refunds, len(asked.rows))
}

// refunds puts together what is taken back from each order. What was not delivered here cannot come
// back: such lines are set aside.
func (r *Replayer) refunds(returns []*retail.Return) []refund {
	var refunds []refund
	for _, back := range returns {
		first := len(refunds)
		for _, line := range back.Lines {
			if reason := r.notReturnable(line); reason != "" {
				r.report.SetAside(line, reason)
				continue
			}
			for _, part := range line.Parts {
				i := slices.IndexFunc(refunds[first:], func(f refund) bool { return f.sale == part.Sale })
				if i < 0 {
					refunds = append(refunds, refund{back.Invoice, part.Sale, map[int]int64{}})
					i = len(refunds) - 1 - first
				}
				refunds[first+i].pieces[part.Item] += part.Quantity
			}
		}
	}
	return refunds
}

func (r *Replayer) notReturnable(line retail.ReturnLine) string {
	for _, part := range line.Parts {
		switch o, placed := r.orders[reference(part.Sale.Invoice)]; {
		case !placed:
			return "its sale could not be placed"
		case o.Status != shopclient.Delivered:
			return "its sale was cancelled"
		}
	}
	return ""
}

func (r *Replayer) name(f refund) name {
	return name{r.orders[reference(f.sale.Invoice)].ID, reference(f.invoice)}
}

// request asks for a return. The order's lines are in the order of the sale's items.
func (r *Replayer) request(ctx context.Context, f refund) (shopclient.Return, error) {
	order, err := r.Shop.Order(ctx, r.name(f).order)
	if err != nil {
		return shopclient.Return{}, err
	}
	var items []shopclient.ReturnItem
	for i, item := range f.sale.Items {
		if f.pieces[i] == 0 {
			continue
		}
		if i >= len(order.Lines) || order.Lines[i].SKU != item.SKU || order.Lines[i].Quantity != item.Quantity {
			return shopclient.Return{}, fmt.Errorf("the lines of order %s are not those of invoice %s", order.ID, f.sale.Invoice)
		}
		items = append(items, shopclient.ReturnItem{LineID: order.Lines[i].LineID, Quantity: f.pieces[i]})
	}
	reason := r.name(f).reason
	return r.Shop.RequestReturn(ctx, order.ID, items, reason, reason+":"+f.sale.Invoice)
}

// returnsOf lists the returns that our refunds are known by.
func (r *Replayer) returnsOf(ctx context.Context, refunds []refund, status string) (map[name]shopclient.Return, error) {
	ours := map[name]bool{}
	for _, f := range refunds {
		ours[r.name(f)] = true
	}
	found := map[name]shopclient.Return{}
	if len(ours) == 0 {
		return found, nil
	}
	for back, err := range r.Shop.Returns(ctx, status) {
		if err != nil {
			return nil, err
		}
		if n := (name{back.OrderID, back.Reason}); ours[n] {
			found[n] = back
		}
	}
	return found, nil
}

// awaitRefunds waits until no return waits for its money, and counts how they ended.
func (r *Replayer) awaitRefunds(ctx context.Context, refunds []refund, asked int) error {
	step := r.Board.Step("refunds", asked)
	defer step.End()
	err := r.until(ctx, lookEvery, func() (int, string, error) {
		waiting, err := r.returnsOf(ctx, refunds, shopclient.ReturnAccepted)
		step.Set(asked - len(waiting))
		return len(waiting), fmt.Sprintf("%d accepted returns without their money", len(waiting)), err
	})
	if err != nil {
		return err
	}
	ended, err := r.returnsOf(ctx, refunds, "")
	if err != nil {
		return err
	}
	for _, back := range ended {
		r.report.Returns[back.Status]++
		switch back.Status {
		case shopclient.ReturnRefunded:
			r.report.ValueRefunded += back.Amount.Amount
		case shopclient.ReturnRefundFailed:
			r.crew.problems.add("return %s of order %s is %s: try its refund again", back.ID, back.OrderID, back.Status)
		}
	}
	return nil
}
