package store_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// The stories in this file have one ending on every kind of database.

func TestEveryTextComesBackAsItWasWritten(t *testing.T) {
	for name, c := range map[string]product.Content{
		"emoji":              {Name: "Mug 🫖👩‍👩‍👧", Description: "🍵", Category: "Küche 🏠"},
		"quotes":             {Name: `O'Mug "\`, Description: `\' ; -- \0 \n %s ? $1 {}`, Category: `'`},
		"lines":              {Name: "Mug\tor\ncup", Description: "one\ntwo\n\tthree"},
		"accents":            {Name: "Café", Description: "Cafe\u0301"},
		"short":              {Name: "M"},
		"at its limit":       {Name: strings.Repeat("🫖", 200), Description: strings.Repeat("🍵", 4000), Category: strings.Repeat("🏠", 60)},
		"grows lower":        {Name: strings.Repeat("Ⱥ", 200), Description: strings.Repeat("Ⱥ", 4000)},
		"as dear as it gets": {Name: "Mug", Price: money.New(product.MaxPrice, "GBP")},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			if c.Price.Currency == "" {
				c.Price = money.New(0, "GBP")
			}
			sku := strings.Repeat("S", 32)
			s.list(t, sku, c)
			s.list(t, sku, c)
			found, err := s.Find(t.Context(), sku)
			require.NoError(t, err)
			require.Equal(t, c, found.Content)
			require.Len(t, s.told(t, sku), 1)
		})
	}
}

func TestListsAreOrderedByteByByte(t *testing.T) {
	s := open(t)
	names := []string{
		"a", "a\tb", "a\nb", "a b", "a!", "a-b", "a0", "aa", "á", "b", "z", "zz", "ß", "ä", "é", "ｆ", "🫖", "😀",
		"_", "%", "~", strings.Repeat("n", 59) + " x", strings.Repeat("n", 59) + "\tx", strings.Repeat("n", 59),
	}
	for i, name := range names {
		s.list(t, fmt.Sprintf("SKU-%02d", i), content(name, "", 100))
	}
	slices.Sort(names)

	var listed []string
	for position := (store.Position{}); ; {
		page, err := s.Search(t.Context(), store.Query{Order: store.ByName, After: position, Limit: 5})
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		for _, l := range page {
			listed = append(listed, l.Name)
		}
		position = store.PositionOf(store.ByName, page[len(page)-1])
	}
	require.Equal(t, names, listed)
}

func TestASearchFindsTheSameEverywhere(t *testing.T) {
	s := open(t)
	for sku, name := range map[string]string{
		"A": "Café Mug", "B": "Cafe Mug", "C": "CAFÉ CUP", "D": "50% off_now!", "E": `back\slash`, "F": "50 off now", "G": "Teapot 🫖", "H": "Straße", "I": "STRASSE",
	} {
		s.list(t, sku, content(name, "Kitchen", 100))
	}
	s.list(t, "J", content("Plate", "kitchen", 100))
	for word, want := range map[string][]string{
		"café": {"A", "C"}, "CAFÉ": {"A", "C"}, "cafe": {"B"}, "mug": {"A", "B"}, "50%": {"D"}, "f_n": {"D"}, "w!": {"D"}, `\`: {"E"}, `k\s`: {"E"},
		"🫖": {"G"}, "☕": {}, "straße": {"H"}, "strasse": {"I"}, "'": {}, "?": {},
	} {
		found := s.find(t, store.Query{Words: []string{word}})
		slices.Sort(found)
		require.Equal(t, want, found, word)
	}
	require.Equal(t, []string{"J"}, s.find(t, store.Query{Category: "kitchen"}))
	require.Len(t, s.find(t, store.Query{Category: "Kitchen"}), 9)
	categories, err := s.Categories(t.Context())
	require.NoError(t, err)
	require.Equal(t, []store.Category{{Name: "Kitchen", Products: 9}, {Name: "kitchen", Products: 1}}, categories)
}

func TestThereMayBeAsMuchOfAProductAsCanBeCounted(t *testing.T) {
	s := open(t)
	s.list(t, "MUG", content("Mug", "", 0))
	err := store.NewAvailability(s.db).StockLevelChanged(t.Context(), &inventory.StockLevelChanged{SKU: "MUG", Available: math.MaxInt64})
	require.NoError(t, err)
	found, err := s.Find(t.Context(), "MUG")
	require.NoError(t, err)
	require.EqualValues(t, math.MaxInt64, *found.Available)
}
