package order_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// However an order is returned piece by piece, with some returns rejected on the way, all of it together
// refunds exactly goods − discounts, and never more than was paid.
func TestRefundsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := delivered(t, drawnDraft(t))
		s := o.State()
		for left := remaining(o.State()); len(left) > 0; left = remaining(o.State()) {
			line := rapid.SampledFrom(left).Draw(t, "line")
			line.Quantity = rapid.Int64Range(1, line.Quantity).Draw(t, "pieces")
			r, err := o.RequestReturn([]ordering.Line{line}, "broken", noon)
			require.NoError(t, err)
			if len(o.State().Returns) < 20 && rapid.Bool().Draw(t, "rejected") {
				require.NoError(t, o.RejectReturn(r.ID, "it is not", noon))
				continue
			}
			require.NoError(t, o.AcceptReturn(r.ID, noon))
			r, err = o.Return(r.ID)
			require.NoError(t, err)
			require.False(t, r.Amount.IsNegative())
			require.NoError(t, o.RefundReturn(r.ID, r.Amount, noon))
			require.LessOrEqual(t, o.State().Refunded.Amount, s.Total.Amount)
		}
		require.Equal(t, max(0, s.Goods.Amount-s.Discounts.Amount), o.State().Refunded.Amount)
	})
}

func TestAReturnGoesItsWay(t *testing.T) {
	o := delivered(t, draft())
	line := o.State().Lines[0].ID
	r, err := o.RequestReturn([]ordering.Line{{LineID: line, Quantity: 1}}, "too blue", noon)
	require.NoError(t, err)
	requireCode(t, "return-not-accepted", o.RefundReturn(r.ID, r.Amount, noon))
	requireCode(t, "return-not-accepted", o.FailReturnRefund(r.ID, noon))

	for range 2 { // each step twice
		require.NoError(t, o.AcceptReturn(r.ID, noon))
	}
	require.Len(t, o.Events(), 1)
	require.Equal(t, ordering.ReturnAccepted{
		ReturnID: r.ID, OrderID: o.State().ID, CustomerID: "ada",
		Lines: []ordering.Line{{LineID: line, SKU: "MUG", Quantity: 1}}, Amount: ordering.Money{Amount: 1999, Currency: "GBP"},
	}, o.Events()[0])
	requireCode(t, "return-accepted", o.RejectReturn(r.ID, "changed our mind", noon))
	require.Equal(t, map[string]int64{line: 1}, o.State().Returned())

	for range 2 {
		require.NoError(t, o.FailReturnRefund(r.ID, noon))
	}
	requireStatus(t, o, r.ID, order.RefundRejected)
	requireCode(t, "refund-differs", o.RefundReturn(r.ID, money.New(1, "GBP"), noon))
	for range 2 {
		require.NoError(t, o.RefundReturn(r.ID, r.Amount, noon))
		require.NoError(t, o.FailReturnRefund(r.ID, noon), "late news")
	}
	requireStatus(t, o, r.ID, order.Refunded)
	require.EqualValues(t, 1999, o.State().Refunded.Amount)
}

func TestARejectedReturnStaysRejectedAndMayBeAskedForAgain(t *testing.T) {
	o := delivered(t, draft())
	all := []ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 2}}
	r, err := o.RequestReturn(all, "too blue", noon)
	require.NoError(t, err)
	_, err = o.RequestReturn(all, "too blue", noon)
	require.True(t, fault.Is(err, fault.Invalid), "nothing is left to return")
	for range 2 {
		require.NoError(t, o.RejectReturn(r.ID, "it is red", noon))
	}
	requireCode(t, "return-rejected", o.AcceptReturn(r.ID, noon))
	_, err = o.RequestReturn(all, "too red", noon)
	require.NoError(t, err)
}

func TestWhatCannotBeReturned(t *testing.T) {
	o := delivered(t, draft())
	line := o.State().Lines[0].ID
	for field, items := range map[string][]ordering.Line{
		"items":             {},
		"items[0].line_id":  {{LineID: "other", Quantity: 1}},
		"items[0].quantity": {{LineID: line, Quantity: 3}},
		"items[1].line_id":  {{LineID: line, Quantity: 1}, {LineID: line, Quantity: 1}},
	} {
		_, err := o.RequestReturn(items, "why not", noon)
		problem, ok := fault.As(err)
		require.True(t, ok, "%v", err)
		require.Equal(t, field, problem.Fields[0].Name)
	}
	for _, w := range ways {
		if w.state != "delivered" {
			_, err := at(t, w.news).RequestReturn([]ordering.Line{{LineID: line, Quantity: 1}}, "why not", noon)
			requireCode(t, "not-delivered", err)
		}
	}
	for range order.MaxReturns {
		r, err := o.RequestReturn([]ordering.Line{{LineID: line, Quantity: 1}}, "again", noon)
		require.NoError(t, err)
		require.NoError(t, o.RejectReturn(r.ID, "no", noon))
	}
	_, err := o.RequestReturn([]ordering.Line{{LineID: line, Quantity: 1}}, "again", noon)
	requireCode(t, "too-many-returns", err)
}

// drawnDraft is an order of some lines with fees and discounts.
func drawnDraft(t *rapid.T) order.Draft {
	d := draft()
	d.Items = nil
	goods := int64(0)
	for range rapid.IntRange(1, 5).Draw(t, "lines") {
		item := order.Item{
			SKU: "MUG", Quantity: rapid.Int64Range(1, 7).Draw(t, "quantity"),
			UnitPrice: money.New(rapid.Int64Range(0, 1000).Draw(t, "price"), "GBP"),
		}
		goods += item.Quantity * item.UnitPrice.Amount
		d.Items = append(d.Items, item)
	}
	fee := rapid.Int64Range(0, 1000).Draw(t, "fee")
	discount := rapid.Int64Range(0, goods+fee).Draw(t, "discount")
	d.Adjustments = append(adjust(order.Fee, fee), adjust(order.Discount, discount)...)
	return d
}

// remaining are the lines of which something is left to return.
func remaining(s order.State) []ordering.Line {
	var lines []ordering.Line
	for _, line := range s.Lines {
		if left := line.Quantity - s.Returned()[line.ID]; left > 0 {
			lines = append(lines, ordering.Line{LineID: line.ID, Quantity: left})
		}
	}
	return lines
}

func delivered(t require.TestingT, d order.Draft) *order.Order {
	o, err := order.Place(d, noon)
	require.NoError(t, err)
	for _, name := range []string{"reserved", "authorized", "captured", "dispatched", "delivered"} {
		require.NoError(t, news[name](o))
	}
	return order.Restore(o.State())
}

func requireStatus(t *testing.T, o *order.Order, id string, want order.ReturnStatus) {
	t.Helper()
	r, err := o.Return(id)
	require.NoError(t, err)
	require.Equal(t, want, r.Status)
}

func requireCode(t *testing.T, code string, err error) {
	t.Helper()
	problem, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	require.Equal(t, code, problem.Code)
}
