package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
)

func TestSearch(t *testing.T) {
	s := open(t)
	s.list(t, "MUG-1", content("Harbour Mug", "Kitchen", 1450))
	s.list(t, "CUP-1", content("Café CUP 100%", "Kitchen", 900))
	s.list(t, "KITE", content("Swift kite", "Play", 1950))
	described := content("Lantern", "Garden", 3100)
	described.Description = "Lights a harbour\nor a tent."
	s.list(t, "LANTERN_A", described)
	s.list(t, "GONE", content("Harbour Gone", "Kitchen", 1))
	s.withdraw(t, "GONE")

	for name, c := range map[string]struct {
		query store.Query
		want  []string
	}{
		"everything, by name":             {store.Query{}, []string{"CUP-1", "MUG-1", "LANTERN_A", "KITE"}},
		"in the name and the description": {store.Query{Words: []string{"HARBOUR"}}, []string{"MUG-1", "LANTERN_A"}},
		"every word":                      {store.Query{Words: []string{"harbour", "tent"}}, []string{"LANTERN_A"}},
		"in the SKU":                      {store.Query{Words: []string{"mug-1"}}, []string{"MUG-1"}},
		"beyond ASCII":                    {store.Query{Words: []string{"CAFÉ"}}, []string{"CUP-1"}},
		"a percent sign is one":           {store.Query{Words: []string{"0%"}}, []string{"CUP-1"}},
		"and nothing else":                {store.Query{Words: []string{"h%r"}}, []string{}},
		"an underscore is one":            {store.Query{Words: []string{"_a"}}, []string{"LANTERN_A"}},
		"an exclamation mark":             {store.Query{Words: []string{"!"}}, []string{}},
		"a quote":                         {store.Query{Words: []string{"' OR 1=1 --"}}, []string{}},
		"of a category":                   {store.Query{Category: "Kitchen"}, []string{"CUP-1", "MUG-1"}},
		"the cheapest first":              {store.Query{Order: store.ByPrice}, []string{"CUP-1", "MUG-1", "KITE", "LANTERN_A"}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, s.find(t, c.query)) })
	}

	categories, err := s.Categories(t.Context())
	require.NoError(t, err)
	require.Equal(t, []store.Category{{"Garden", 1}, {"Kitchen", 2}, {"Play", 1}}, categories)
}

func TestPagesShowEveryProductOnce(t *testing.T) {
	s := open(t)
	var all []string
	for i := range 23 {
		sku := fmt.Sprintf("SKU-%02d", (i*7)%23)
		// Many share a name, a price and a time, so that the SKUs have to decide.
		at := opening.Add(time.Duration(i/5) * time.Second)
		_, err := s.List(t.Context(), sku, content(fmt.Sprintf("Name %d", i%3), "", int64(i%4)), at)
		require.NoError(t, err)
		all = append(all, sku)
	}
	slices.Sort(all)

	for _, order := range []store.Order{store.ByName, store.ByPrice, store.ByAge} {
		t.Run(string(order), func(t *testing.T) {
			whole, err := s.Search(t.Context(), store.Query{Order: order, Limit: 50})
			require.NoError(t, err)
			var paged []store.Listing
			for after := (store.Position{}); ; after = store.PositionOf(order, paged[len(paged)-1]) {
				page, err := s.Search(t.Context(), store.Query{Order: order, After: after, Limit: 4})
				require.NoError(t, err)
				if len(page) == 0 {
					break
				}
				paged = append(paged, page...)
			}
			require.Equal(t, whole, paged)
			skus := slices.Sorted(slices.Values(s.find(t, store.Query{Order: order})))
			require.Equal(t, all, skus)
		})
	}
}

func TestTheNewestComeFirst(t *testing.T) {
	s := open(t)
	s.list(t, "OLD", content("A", "", 1))
	_, err := s.List(t.Context(), "NEW", content("B", "", 1), opening.Add(time.Hour))
	require.NoError(t, err)
	require.Equal(t, []string{"NEW", "OLD"}, s.find(t, store.Query{Order: store.ByAge}))
}

func TestALongNameStillFitsAPosition(t *testing.T) {
	s := open(t)
	name := ""
	for range 200 {
		name += "É"
	}
	s.list(t, "A", content(name, "", 1))
	s.list(t, "B", content(name, "", 1))
	first, err := s.Search(t.Context(), store.Query{Limit: 1})
	require.NoError(t, err)
	at := store.PositionOf(store.ByName, first[0])
	require.LessOrEqual(t, len(at.Text), 240)
	require.Equal(t, []string{"B"}, s.find(t, store.Query{After: at}))
}
