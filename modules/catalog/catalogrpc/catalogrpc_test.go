package catalogrpc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/goleak"

	catalogsql "github.com/pangaea-shop/pangaea/migrations/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/catalogrpc"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/rpc/rpctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// elsewhere are the prices of a catalog in another process.
func elsewhere(t testing.TB, prices catalog.Prices) (there catalog.Prices) {
	t.Helper()
	address := rpctest.Serve(t, fx.Provide(func() catalog.Prices { return prices }), catalogrpc.Server)
	rpctest.Ask(t, "catalog", address, catalogrpc.Client, fx.Populate(&there))
	return there
}

// most is how many products the catalog quotes at a time.
const most = 2000

// shelf is a catalog with as many products as are quoted at a time, whose names are as long as they may be.
func shelf(t testing.TB) catalog.Prices {
	t.Helper()
	db := databasetest.Open(t, "catalog", catalogsql.Files)
	products := store.NewProducts(db, outbox.New(db, outbox.Manifest{}))
	var listed []product.State
	for i := range most {
		content := product.Content{Name: strings.Repeat("𝄞", 200), Category: "Bells", Price: money.New(int64(i), "GBP")}
		listed = append(listed, product.State{SKU: sku(i), Content: content})
	}
	require.NoError(t, products.ListFirst(t.Context(), listed, time.Unix(0, 0)))
	require.NoError(t, products.Update(t.Context(), sku(0), func(p *product.Product) error { p.Withdraw(); return nil }))
	return products
}

func sku(i int) string { return fmt.Sprintf("%032d", i) }

func skus(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = sku(i)
	}
	return all
}

func TestTheCatalogQuotesTheSameFromElsewhere(t *testing.T) {
	here := shelf(t)
	there := elsewhere(t, here)
	for name, asked := range map[string][]string{
		"nothing":       nil,
		"no products":   {},
		"one product":   {sku(1)},
		"the same":      {sku(1), sku(2), sku(1)},
		"unknown":       {"GHOST", sku(1), "", " ", "ü"},
		"withdrawn":     {sku(0)},
		"no text":       {"\xff\xfe", "\x00", "a\nb"},
		"a whole order": skus(most),
		"too many":      skus(most + 1),
		"far too many":  skus(20 * most),
	} {
		t.Run(name, func(t *testing.T) {
			rpctest.Same(t,
				func() (map[string]catalog.Quote, error) { return here.Quote(t.Context(), asked) },
				func() (map[string]catalog.Quote, error) { return there.Quote(t.Context(), asked) })
		})
	}
}

func TestAQuestionHasABound(t *testing.T) {
	_, err := elsewhere(t, shelf(t)).Quote(t.Context(), skus(200_000))
	require.True(t, fault.Is(err, fault.TooLarge), err)
}

func TestWhoeverAsksIsNotWaitedFor(t *testing.T) {
	here := shelf(t)
	there := elsewhere(t, here)
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, ctx := range []context.Context{late, gone} {
		rpctest.Same(t,
			func() (map[string]catalog.Quote, error) { return here.Quote(ctx, skus(1)) },
			func() (map[string]catalog.Quote, error) { return there.Quote(ctx, skus(1)) })
	}
}

// A quoter answers as it likes.
type quoter func(ctx context.Context) (map[string]catalog.Quote, error)

func (q quoter) Quote(ctx context.Context, _ []string) (map[string]catalog.Quote, error) {
	return q(ctx)
}

func TestWhatIsWrongIsTheSameFromElsewhere(t *testing.T) {
	var wrong error
	here := quoter(func(context.Context) (map[string]catalog.Quote, error) { return nil, wrong })
	there := elsewhere(t, here)
	for _, wrong = range rpctest.Errors() {
		rpctest.Same(t,
			func() (map[string]catalog.Quote, error) { return here.Quote(t.Context(), nil) },
			func() (map[string]catalog.Quote, error) { return there.Quote(t.Context(), nil) })
	}
}

func TestAnAnswerBelongsToWhoAsked(t *testing.T) {
	kept := map[string]catalog.Quote{"MUG": {SKU: "MUG", Name: "Mug", Price: catalog.Money{Amount: 1450, Currency: "GBP"}}}
	there := elsewhere(t, quoter(func(context.Context) (map[string]catalog.Quote, error) { return kept, nil }))
	for _, prices := range []catalog.Prices{shelf(t), there} {
		first, err := prices.Quote(t.Context(), []string{sku(1)})
		require.NoError(t, err)
		require.Len(t, first, 1)
		clear(first)
		again, err := prices.Quote(t.Context(), []string{sku(1)})
		require.NoError(t, err)
		require.Len(t, again, 1)
	}
}

func BenchmarkQuote(b *testing.B) {
	quotes := map[string]catalog.Quote{}
	for _, sku := range skus(5) {
		quotes[sku] = catalog.Quote{SKU: sku, Name: "A mug with a handle", Price: catalog.Money{Amount: 1450, Currency: "GBP"}}
	}
	known := quoter(func(context.Context) (map[string]catalog.Quote, error) { return quotes, nil })
	stored := shelf(b)
	for _, bench := range []struct {
		name   string
		prices catalog.Prices
	}{
		{"nothing behind/here", known},
		{"nothing behind/elsewhere", elsewhere(b, known)},
		{"database behind/here", stored},
		{"database behind/elsewhere", elsewhere(b, stored)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := bench.prices.Quote(b.Context(), skus(5)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
