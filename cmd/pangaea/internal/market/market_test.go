package market_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/market"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
)

func TestWithEnoughStockEverythingIsSoldAndWhatIsLeftCameBack(t *testing.T) {
	shop, plan := openStall(t), rules(t)
	stocked := stock(t, shop, plan, "1")
	require.Equal(t, int64(3), stocked.ProductsListed)
	require.Equal(t, 2, stocked.Customers)
	require.Equal(t, int64(6+2+4+1+3+10+5), stocked.Pieces)

	sold := replay(t, shop, plan)

	require.Equal(t, map[string]int{"delivered": 3}, sold.Orders)
	require.Equal(t, map[string]int{"refunded": 1}, sold.Returns)
	require.Equal(t, map[string]int64{"10001": 8, "10002A": 3, "10003": 0}, shop.stock)
	require.Equal(t, int64(4606+1257+6275), sold.ValueDelivered)
	require.Equal(t, int64(6*255+2*210+3*339), sold.ValueRefunded)
	require.Zero(t, sold.Number)
}

func TestASecondRunChangesNothing(t *testing.T) {
	shop := openStall(t)
	stock(t, shop, rules(t), "1")
	first := replay(t, shop, rules(t))
	changes := shop.changes

	again := stock(t, shop, rules(t), "1")
	second := replay(t, shop, rules(t))

	require.Equal(t, changes, shop.changes)
	require.Equal(t, int64(3), again.ProductsThere)
	first.Seconds, second.Seconds = 0, 0
	require.Equal(t, first, second)
}

func TestWithoutStockReturnsAreSetAside(t *testing.T) {
	shop := openStall(t)
	stock(t, shop, rules(t), "0.5")
	sold := replay(t, shop, rules(t))

	require.Equal(t, map[string]int{"cancelled": 2, "delivered": 1}, sold.Orders)
	require.Equal(t, map[string]int{"out_of_stock": 2}, sold.CancelReasons)
	require.Empty(t, sold.Returns)
	require.Contains(t, sold.Reasons, retail.Reason{
		Outcome: retail.SetAside, Reason: "its sale was cancelled", Lines: 2, Value: -2040 - 1017,
	})
	require.Equal(t, sold.Lines, sold.LinesAccepted+sold.LinesSetAside+sold.LinesRefused)
	require.Equal(t, sold.Value, sold.ValueAccepted+sold.ValueSetAside+sold.ValueRefused)
}

func TestAnotherStockFactorForTheSameFileIsRefused(t *testing.T) {
	shop := openStall(t)
	stock(t, shop, rules(t), "0.5")
	factor, err := market.ParseStockFactor("1")
	require.NoError(t, err)
	_, err = market.Stock(t.Context(), shop.client(), rules(t), factor, 1, progress.To(io.Discard))
	require.ErrorContains(t, err, "was imported before with another stock factor")
	for _, wrong := range []string{"", "-1", "half", "1e3", "1/2", "1000", "NaN"} {
		_, err := market.ParseStockFactor(wrong)
		require.Error(t, err, wrong)
	}
}

func TestInterruptedAnywhereItGoesOn(t *testing.T) {
	calm := openStall(t)
	stock(t, calm, rules(t), "1")
	want := replay(t, calm, rules(t))

	for after := range 40 {
		shop := openStall(t)
		stock(t, shop, rules(t), "1")
		ctx, interrupt := context.WithCancel(t.Context())
		requests := 0
		shop.meet(func(*http.Request) bool {
			if requests++; requests > after {
				interrupt() // the request that is under way is still answered: nobody hears it
			}
			return false
		})
		_, err := replayer(shop).Replay(ctx, rules(t))
		shop.meet(nil)
		interrupt()
		if err == nil {
			require.Greater(t, after, 10)
		}

		got := replay(t, shop, rules(t))

		want.Seconds, got.Seconds = 0, 0
		require.Equal(t, want, got, "interrupted after %d requests", after)
		require.Equal(t, calm.stock, shop.stock)
	}
}

func TestWhatTheShopRefusesIsNotedAndTheRestIsDone(t *testing.T) {
	shop := openStall(t)
	stock(t, shop, rules(t), "1")
	shop.meet(func(r *http.Request) bool { return r.Header.Get("Idempotency-Key") == "online-retail:700001" })

	sold := replay(t, shop, rules(t))

	require.Equal(t, map[string]int{"delivered": 2}, sold.Orders)
	require.Equal(t, 1, sold.Number)
	require.Contains(t, sold.Texts[0], "invoice 700001")
	require.Contains(t, sold.Reasons, retail.Reason{
		Outcome: retail.SetAside, Reason: "its sale could not be placed", Lines: 2, Value: -2040 - 1017,
	})
}

func TestReplayingComesAfterImporting(t *testing.T) {
	_, err := replayer(openStall(t)).Replay(t.Context(), rules(t))
	require.EqualError(t, err, "the shop knows none of the 2 customers: import the files first")
}

func TestAShopThatStandsStillIsNotWaitedForForEver(t *testing.T) {
	shop := openStall(t)
	shop.unending = true
	stock(t, shop, rules(t), "1")
	_, err := replayer(shop).Replay(t.Context(), rules(t))
	require.ErrorContains(t, err, "3 have not ended (3 placed")
}

func TestPlacingDoesNotRunAhead(t *testing.T) {
	var file strings.Builder
	file.WriteString("InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n")
	for i := range 500 {
		fmt.Fprintf(&file, "%d,10001,MUG,1,2010-12-01 08:00:00,1.00,,GB\n", i+1)
	}
	shop := openStall(t)
	shop.unending = true
	plan := planOf(t, write(t, file.String()))
	stock(t, shop, plan, "1")

	_, err := replayer(shop).Replay(t.Context(), plan)

	require.ErrorContains(t, err, "is placed")
	require.Len(t, shop.orders, 200)
}

func TestReportsAreForPeopleAndForPrograms(t *testing.T) {
	shop := openStall(t)
	stocked := stock(t, shop, rules(t), "1")
	sold := replay(t, shop, rules(t))
	for _, report := range []interface{ Text(io.Writer) error }{stocked, sold} {
		var text bytes.Buffer
		require.NoError(t, report.Text(&text))
		require.Contains(t, text.String(), "set aside: manual entry")
		encoded, err := json.Marshal(report)
		require.NoError(t, err)
		var flat map[string]any
		require.NoError(t, json.Unmarshal(encoded, &flat))
		for _, name := range []string{
			"lines", "lines_accepted", "lines_set_aside", "lines_refused",
			"value_minor", "value_accepted_minor", "value_set_aside_minor", "value_refused_minor",
			"reasons", "refusals", "problems", "seconds",
		} {
			require.Contains(t, flat, name)
		}
	}
}

func rules(t *testing.T) *retail.Plan {
	t.Helper()
	return planOf(t, "../retail/testdata/rules.csv")
}

func planOf(t *testing.T, path string) *retail.Plan {
	t.Helper()
	plan, err := retail.Read(t.Context(), []string{path}, retail.Defaults())
	require.NoError(t, err)
	return plan
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sales.csv")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func stock(t *testing.T, shop *stall, plan *retail.Plan, factor string) *market.StockReport {
	t.Helper()
	f, err := market.ParseStockFactor(factor)
	require.NoError(t, err)
	report, err := market.Stock(t.Context(), shop.client(), plan, f, 4, progress.To(io.Discard))
	require.NoError(t, err)
	return report
}

func replayer(shop *stall) *market.Replayer {
	return &market.Replayer{Shop: shop.client(), AtOnce: 4, Board: progress.To(io.Discard), Stall: 50 * time.Millisecond}
}

func replay(t *testing.T, shop *stall, plan *retail.Plan) *market.ReplayReport {
	t.Helper()
	report, err := replayer(shop).Replay(t.Context(), plan)
	require.NoError(t, err)
	return report
}
