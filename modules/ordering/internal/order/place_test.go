package order_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

func TestAPlacedOrderAddsUp(t *testing.T) {
	d := draft()
	d.Items = append(d.Items, order.Item{SKU: "MUG", Name: "Mug", Quantity: 1, UnitPrice: money.New(500, "GBP")})
	d.Adjustments = []order.Adjustment{
		{Kind: order.Fee, Code: "POST", Amount: money.New(350, "GBP")},
		{Kind: order.Discount, Code: "SPRING", Amount: money.New(1000, "GBP")},
	}

	o, err := order.Place(d, noon)

	require.NoError(t, err)
	s := o.State()
	require.EqualValues(t, 4498, s.Goods.Amount)
	require.EqualValues(t, 3848, s.Total.Amount)
	require.Equal(t, noon.Add(d.Deadline), s.DeadlineAt)
	require.Less(t, s.Lines[0].ID, s.Lines[1].ID, "lines sort as they were asked for")
	require.Equal(t, []ordering.Line{
		{LineID: s.Lines[0].ID, SKU: "MUG", Quantity: 2}, {LineID: s.Lines[1].ID, SKU: "MUG", Quantity: 1},
	}, o.Events()[0].(ordering.OrderPlaced).Lines)
	require.Equal(t, []order.Entry{{Number: 1, Status: order.Placed, At: noon, Note: "we have your order"}}, s.History)
}

func TestWhatCannotBePlaced(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*order.Draft)
		field string
	}{
		"nothing":            {func(d *order.Draft) { d.Items = nil }, "items"},
		"none of a thing":    {func(d *order.Draft) { d.Items[0].Quantity = 0 }, "items[0].quantity"},
		"less than none":     {func(d *order.Draft) { d.Items[0].Quantity = -1 }, "items[0].quantity"},
		"a negative price":   {func(d *order.Draft) { d.Items[0].UnitPrice.Amount = -1 }, "items[0].unit_price"},
		"too dear a line":    {func(d *order.Draft) { d.Items[0].UnitPrice.Amount = math.MaxInt64 }, "items[0]"},
		"too dear a sum":     {func(d *order.Draft) { d.Items = append(d.Items, dear, dear) }, "items[2]"},
		"two currencies":     {func(d *order.Draft) { d.Items = append(d.Items, yen) }, "items[1]"},
		"a strange kind":     {func(d *order.Draft) { d.Adjustments = adjust("tip", 1) }, "adjustments[0].kind"},
		"a negative fee":     {func(d *order.Draft) { d.Adjustments = adjust(order.Fee, -1) }, "adjustments[0].amount"},
		"too high a fee":     {func(d *order.Draft) { d.Adjustments = adjust(order.Fee, math.MaxInt64) }, "adjustments"},
		"more off than owed": {func(d *order.Draft) { d.Adjustments = adjust(order.Discount, 3999) }, "adjustments"},
	} {
		t.Run(name, func(t *testing.T) {
			d := draft()
			c.spoil(&d)
			_, err := order.Place(d, noon)
			problem, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, fault.Invalid, problem.Kind)
			require.Equal(t, c.field, problem.Fields[0].Name)
		})
	}
}

func TestAnOrderMayCostNothing(t *testing.T) {
	d := draft()
	d.Adjustments = adjust(order.Discount, 3998)
	o, err := order.Place(d, noon)
	require.NoError(t, err)
	require.True(t, o.State().Total.IsZero())
}

func TestTheSameReferenceIsTheSameOrder(t *testing.T) {
	s := order.State{Reference: "536365", Content: "mugs"}
	same, err := s.SameAs("mugs")
	require.NoError(t, err)
	require.Equal(t, s, same)
	_, err = s.SameAs("plates")
	problem, _ := fault.As(err)
	require.Equal(t, "reference-taken", problem.Code)
}

var (
	dear = order.Item{SKU: "YACHT", Quantity: 1, UnitPrice: money.New(math.MaxInt64-5000, "GBP")}
	yen  = order.Item{SKU: "FAN", Quantity: 1, UnitPrice: money.New(500, "JPY")}
)

func adjust(kind string, amount int64) []order.Adjustment {
	return []order.Adjustment{{Kind: kind, Code: "X", Amount: money.New(amount, "GBP")}}
}
