package checkout_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

func TestABasketIsRungUpAtTodaysPrices(t *testing.T) {
	prices := &priceList{"MUG": 1999, "PLATE": 500}
	free := money.New(0, "GBP")

	o, err := till(t, prices).Ring(t.Context(), checkout.Basket{
		CustomerID: "ada", PaymentToken: "tok_approve",
		Items:       []checkout.Item{{SKU: "MUG", Quantity: 2}, {SKU: "PLATE", Quantity: 1}, {SKU: "MUG", Quantity: 1, UnitPrice: &free}},
		Adjustments: []order.Adjustment{{Kind: order.Fee, Code: "POST", Amount: money.New(350, "GBP")}},
	})

	require.NoError(t, err)
	s := o.State()
	require.Equal(t, money.New(4848, "GBP"), s.Total)
	require.Equal(t, "the PLATE", s.Lines[1].Name)
	require.True(t, s.Lines[2].UnitPrice.IsZero(), "staff's price counts")
	require.Equal(t, 30*time.Second, s.DeadlineAt.Sub(s.PlacedAt))
	require.Empty(t, s.Content)
}

func TestWhatIsNotOnSaleIsNamed(t *testing.T) {
	_, err := till(t, &priceList{"MUG": 1999}).Ring(t.Context(), checkout.Basket{
		Items: []checkout.Item{{SKU: "MUG", Quantity: 1}, {SKU: "CUP", Quantity: 1}},
	})
	problem, _ := fault.As(err)
	require.NotNil(t, problem, "%v", err)
	require.Equal(t, fault.Invalid, problem.Kind)
	require.Equal(t, "items[1].sku", problem.Fields[0].Name)
}

func TestAnotherTotalThanExpectedIsRefusedWithTodaysPrices(t *testing.T) {
	expected := money.New(1899, "GBP")
	basket := checkout.Basket{Items: []checkout.Item{{SKU: "MUG", Quantity: 1}}, Expected: &expected}

	_, err := till(t, &priceList{"MUG": 1999}).Ring(t.Context(), basket)

	problem, _ := fault.As(err)
	require.NotNil(t, problem, "%v", err)
	require.Equal(t, "price-changed", problem.Code)
	today := money.New(1999, "GBP")
	require.Equal(t, map[string]any{
		"expected": expected, "actual": today,
		"lines": []checkout.LinePrice{{SKU: "MUG", Name: "the MUG", Quantity: 1, UnitPrice: today, Total: today}},
	}, problem.Details)

	basket.Expected = &today
	_, err = till(t, &priceList{"MUG": 1999}).Ring(t.Context(), basket)
	require.NoError(t, err)
}

func TestOnePriceInAnotherCurrencyIsRefused(t *testing.T) {
	yen := money.New(5, "JPY")
	_, err := till(t, &priceList{"MUG": 1999}).Ring(t.Context(), checkout.Basket{
		Items: []checkout.Item{{SKU: "MUG", Quantity: 1, UnitPrice: &yen}},
	})
	problem, _ := fault.As(err)
	require.NotNil(t, problem, "%v", err)
	require.Equal(t, "items[0].unit_price", problem.Fields[0].Name)
}

func TestCustomersAreRecognized(t *testing.T) {
	till := till(t, &priceList{})
	require.NoError(t, till.Recognize(t.Context(), "ada"))
	require.NoError(t, till.Recognize(t.Context(), identity.Guest))
	problem, _ := fault.As(till.Recognize(t.Context(), "nobody"))
	require.NotNil(t, problem)
	require.Equal(t, "customer_id", problem.Fields[0].Name)
}

func TestSomebodyElsesTroubleIsPassedOn(t *testing.T) {
	away := fault.New(fault.Unavailable, "the catalog is away")
	till, err := checkout.NewTill(broken{away}, people{}, checkout.Settings{Deadline: time.Second}, time.Now)
	require.NoError(t, err)
	_, err = till.Ring(t.Context(), checkout.Basket{Items: []checkout.Item{{SKU: "MUG", Quantity: 1}}})
	require.ErrorIs(t, err, away)
	require.Equal(t, fault.Unavailable, fault.KindOf(err))
}

func TestADeadlineMustBeAhead(t *testing.T) {
	_, err := checkout.NewTill(&priceList{}, people{}, checkout.Settings{}, time.Now)
	require.ErrorContains(t, err, "PANGAEA_CHECKOUT_DEADLINE")
}

func TestFingerprintsTellWishesApart(t *testing.T) {
	basket := checkout.Basket{Reference: "1", Items: []checkout.Item{{SKU: "MUG", Quantity: 1}}}
	same := basket
	expected := money.New(1, "GBP")
	same.Expected = &expected
	require.Equal(t, basket.Fingerprint(), same.Fingerprint())
	for _, change := range []func(*checkout.Basket){
		func(b *checkout.Basket) { b.Items = []checkout.Item{{SKU: "MUG", Quantity: 2}} },
		func(b *checkout.Basket) { b.Address = ordering.Address{Name: "Bob"} },
		func(b *checkout.Basket) { b.CustomerID = "bob" },
		func(b *checkout.Basket) { b.Adjustments = []order.Adjustment{{Code: "X"}} },
	} {
		other := basket
		change(&other)
		require.NotEqual(t, basket.Fingerprint(), other.Fingerprint())
	}
}

func till(t *testing.T, prices catalog.Prices) *checkout.Till {
	t.Helper()
	till, err := checkout.NewTill(prices, people{}, checkout.Settings{Deadline: 30 * time.Second}, time.Now)
	require.NoError(t, err)
	return till
}

// priceList plays the catalog. It may be asked once, and not twice for the same product.
type priceList map[string]int64

func (p *priceList) Quote(_ context.Context, skus []string) (map[string]catalog.Quote, error) {
	if *p == nil {
		return nil, errors.New("asked twice")
	}
	quotes := map[string]catalog.Quote{}
	for _, sku := range skus {
		if _, twice := quotes[sku]; twice {
			return nil, errors.New("asked twice for " + sku)
		}
		if price, ok := (*p)[sku]; ok {
			quotes[sku] = catalog.Quote{SKU: sku, Name: "the " + sku, Price: catalog.Money{Amount: price, Currency: "GBP"}}
		}
	}
	*p = nil
	return quotes, nil
}

type broken struct{ err error }

func (b broken) Quote(context.Context, []string) (map[string]catalog.Quote, error) { return nil, b.err }

// people plays identity: it knows ada and bob.
type people struct{}

func (people) Known(_ context.Context, ids []string) (map[string]bool, error) {
	known := map[string]bool{}
	for _, id := range ids {
		if id == "ada" || id == "bob" {
			known[id] = true
		}
	}
	return known, nil
}
