package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

func TestWhatHappensToAProductIsAnnouncedInOrder(t *testing.T) {
	s := open(t)
	s.list(t, "MUG", content("Mug", "Kitchen", 1450))
	s.list(t, "MUG", content("Mug", "Kitchen", 1450))
	price := money.New(1500, "GBP")
	require.NoError(t, s.Update(t.Context(), "MUG", func(p *product.Product) error {
		return p.Revise(product.Revision{Price: &price})
	}))
	s.withdraw(t, "MUG")
	s.withdraw(t, "MUG")
	s.list(t, "MUG", content("Mug", "Kitchen", 1450))

	require.Equal(t, []string{
		"catalog.ProductListed", "catalog.PriceChanged", "catalog.ProductWithdrawn", "catalog.ProductListed",
	}, s.told(t, "MUG"))
	found, err := s.Find(t.Context(), "MUG")
	require.NoError(t, err)
	require.Equal(t, product.State{
		SKU: "MUG", Content: content("Mug", "Kitchen", 1450), Version: 4, ListedAt: opening,
	}, found.State)
}

func TestAChangeThatIsRefusedChangesNothing(t *testing.T) {
	s := open(t)
	s.list(t, "MUG", content("Mug", "Kitchen", 1450))

	_, err := s.List(t.Context(), "MUG", content("Cup", "Kitchen", 1450), opening)
	require.True(t, fault.Is(err, fault.Conflict))
	err = s.Update(t.Context(), "GHOST", func(*product.Product) error { return nil })
	require.True(t, fault.Is(err, fault.NotFound))
	_, err = s.Find(t.Context(), "GHOST")
	require.True(t, fault.Is(err, fault.NotFound))

	require.Len(t, s.told(t, "MUG"), 1)
}

func TestTheFirstProductsAreListedOnce(t *testing.T) {
	s := open(t)
	first := []product.State{{SKU: "MUG", Content: content("Mug", "Kitchen", 1450)}}
	require.NoError(t, s.ListFirst(t.Context(), first, opening))
	s.withdraw(t, "MUG")

	require.NoError(t, s.ListFirst(t.Context(), first, opening))

	require.Empty(t, s.find(t, store.Query{}))
}

func TestAvailabilityIsRememberedFromBeforeTheListing(t *testing.T) {
	s := open(t)
	availability := store.NewAvailability(s.db)
	s.list(t, "CUP", content("Cup", "Kitchen", 900))
	for _, available := range []int64{9, 7} {
		require.NoError(t, availability.StockLevelChanged(t.Context(), &inventory.StockLevelChanged{SKU: "MUG", Available: available}))
	}
	s.list(t, "MUG", content("Mug", "Kitchen", 1450))

	found, err := s.Search(t.Context(), store.Query{Limit: 10})
	require.NoError(t, err)
	require.Len(t, found, 2)
	require.Nil(t, found[0].Available)
	require.Equal(t, int64(7), *found[1].Available)
}

func TestQuotesAreForWhatIsOnSale(t *testing.T) {
	s := open(t)
	s.list(t, "MUG", content("Mug", "Kitchen", 1450))
	s.list(t, "CUP", content("Cup", "Kitchen", 900))
	s.withdraw(t, "CUP")
	skus := []string{"MUG", "CUP"}
	for i := len(skus); i < 2000; i++ {
		skus = append(skus, fmt.Sprintf("GHOST-%d", i))
	}

	quotes, err := s.Quote(t.Context(), skus)
	require.NoError(t, err)
	require.Equal(t, map[string]catalog.Quote{
		"MUG": {SKU: "MUG", Name: "Mug", Price: catalog.Money{Amount: 1450, Currency: "GBP"}},
	}, quotes)

	_, err = s.Quote(t.Context(), append(skus, "ONE-MORE"))
	require.True(t, fault.Is(err, fault.Invalid))
	none, err := s.Quote(t.Context(), nil)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestTimesAreKeptToTheMicrosecond(t *testing.T) {
	s := open(t)
	at := time.Date(2026, 2, 28, 23, 59, 59, 999_999_000, time.UTC)
	_, err := s.List(t.Context(), "MUG", content("Mug", "", 1), at)
	require.NoError(t, err)
	found, err := s.Find(t.Context(), "MUG")
	require.NoError(t, err)
	require.Equal(t, at, found.ListedAt)
}
