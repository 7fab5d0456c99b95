package product_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

var (
	now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	mug = product.Content{Name: "Mug", Category: "Kitchen", Price: money.New(1450, "GBP")}
)

func listed(t *testing.T) *product.Product {
	t.Helper()
	p := product.Restore(product.State{SKU: "MUG"})
	require.NoError(t, p.List(mug, now))
	state := p.State()
	state.Version = 1
	return product.Restore(state)
}

func TestListingTheSameAgainChangesNothing(t *testing.T) {
	p := listed(t)
	require.NoError(t, p.List(mug, now.Add(time.Hour)))
	require.False(t, p.Changed())

	other := mug
	other.Price.Amount++
	err := p.List(other, now)
	require.True(t, fault.Is(err, fault.Conflict))
	e, _ := fault.As(err)
	require.Equal(t, "product-exists", e.Code)
}

func TestAWithdrawnProductIsListedAgain(t *testing.T) {
	p := listed(t)
	p.Withdraw()
	p.Withdraw()
	name := "Cup"
	require.True(t, fault.Is(p.Revise(product.Revision{Name: &name}), fault.Conflict))

	require.NoError(t, p.List(mug, now.Add(time.Hour)))

	require.Equal(t, []product.Event{
		catalog.ProductWithdrawn{SKU: "MUG"},
		catalog.ProductListed{SKU: "MUG", Name: "Mug", Price: catalog.Money{Amount: 1450, Currency: "GBP"}},
	}, p.Events())
}

func TestOnlyANewPriceIsAnnounced(t *testing.T) {
	p := listed(t)
	name, price := "  Harbour mug ", money.New(1500, "GBP")

	require.NoError(t, p.Revise(product.Revision{Name: &name}))
	require.Empty(t, p.Events())
	require.True(t, p.Changed())
	require.Equal(t, "Harbour mug", p.State().Name)

	require.NoError(t, p.Revise(product.Revision{Price: &price}))
	require.Equal(t, []product.Event{catalog.PriceChanged{SKU: "MUG", Price: catalog.Money(price)}}, p.Events())
}

func TestContentThatIsWrongNamesItsField(t *testing.T) {
	for field, spoil := range map[string]func(*product.Content){
		"name":           func(c *product.Content) { c.Name = " \t" },
		"description":    func(c *product.Content) { c.Description = "nul \x00" },
		"category":       func(c *product.Content) { c.Category = strings.Repeat("é", 61) },
		"price.currency": func(c *product.Content) { c.Price.Currency = "EUR" },
		"price.amount":   func(c *product.Content) { c.Price.Amount = -1 },
	} {
		t.Run(field, func(t *testing.T) {
			content := mug
			spoil(&content)
			err := product.Restore(product.State{SKU: "MUG"}).List(content, now)
			e, ok := fault.As(err)
			require.True(t, ok)
			require.Equal(t, fault.Invalid, e.Kind)
			require.Equal(t, field, e.Fields[0].Name)
		})
	}
}

func TestSKUsAreFolded(t *testing.T) {
	sku, err := product.SKU("85123a")
	require.NoError(t, err)
	require.Equal(t, "85123A", sku)
	for _, wrong := range []string{"", "-A", "A B", "Ä", "A/B", strings.Repeat("A", 33), "A\n"} {
		_, err := product.SKU(wrong)
		require.Error(t, err, "%q", wrong)
	}
}
