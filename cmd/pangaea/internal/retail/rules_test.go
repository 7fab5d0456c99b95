package retail_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
)

func TestEveryRuleDecidesItsLines(t *testing.T) {
	plan := read(t, "testdata/rules.csv")

	want := map[string]retail.Reason{}
	for _, r := range []retail.Reason{
		{Outcome: retail.Sold, Reason: "sale", Lines: 4, Value: 1530 + 420 + 1356 + 850},
		{Outcome: retail.Sold, Reason: "sale to a guest", Lines: 2, Value: 255 + 255},
		{Outcome: retail.Sold, Reason: "sale without a description", Lines: 1, Value: 425},
		{Outcome: retail.Charged, Reason: "postage", Lines: 3, Value: 1800 + 747 + 5000},
		{Outcome: retail.TakenOff, Reason: "discount", Lines: 1, Value: -500},
		{Outcome: retail.Returned, Reason: "return", Lines: 2, Value: -1017 - 2040},
		{Outcome: retail.SetAside, Reason: "discount without an order that is worth as much", Lines: 2, Value: 90000 + 100},
		{Outcome: retail.SetAside, Reason: "manual entry", Lines: 2, Value: 400 - 100},
		{Outcome: retail.SetAside, Reason: "gift voucher", Lines: 1, Value: 2500},
		{Outcome: retail.SetAside, Reason: "cancellation without a sale", Lines: 1, Value: -678},
		{Outcome: retail.SetAside, Reason: "postage taken back", Lines: 1, Value: -1800},
		{Outcome: retail.SetAside, Reason: "discount taken back", Lines: 1, Value: -300},
		{Outcome: retail.SetAside, Reason: "cancellation of nothing", Lines: 1, Value: 255},
		{Outcome: retail.SetAside, Reason: "cancellation by a guest", Lines: 1, Value: -255},
		{Outcome: retail.SetAside, Reason: "samples", Lines: 1, Value: -1295},
		{Outcome: retail.SetAside, Reason: "Amazon's fee", Lines: 1, Value: -1354133},
		{Outcome: retail.SetAside, Reason: "bank charges", Lines: 1, Value: -3750},
		{Outcome: retail.SetAside, Reason: "charity", Lines: 1, Value: 1635},
		{Outcome: retail.SetAside, Reason: "bad debt", Lines: 1, Value: -1106206},
		{Outcome: retail.SetAside, Reason: "quantity below 0", Lines: 1, Value: -5100},
		{Outcome: retail.SetAside, Reason: "price 0", Lines: 1},
		{Outcome: retail.SetAside, Reason: "price below 0", Lines: 1, Value: -255},
		{Outcome: retail.SetAside, Reason: "quantity 0", Lines: 1},
		{Outcome: retail.SetAside, Reason: "postage without goods", Lines: 1, Value: 999},
		{Outcome: retail.Refused, Reason: "not a number", Lines: 1},
	} {
		want[r.Reason] = r
	}
	got := map[string]retail.Reason{}
	for _, r := range plan.Report.Reasons {
		got[r.Reason] = r
	}
	require.Equal(t, want, got)

	for _, rule := range retail.Rules {
		if rule.Outcome == retail.Refused || rule.Reason == "invoice of an earlier file" {
			continue // tried below, and in the tests of refusals
		}
		require.Contains(t, got, rule.Reason, "no line of the fixture comes to this rule")
	}
}

func TestAnInvoiceOfAnEarlierFileIsSetAside(t *testing.T) {
	first := write(t, header+"1,10001,MUG,2,2010-12-01 08:00:00,1.00,17850,United Kingdom\n")
	second := write(t, header+
		"1,10001,MUG,2,2010-12-01 08:00:00,1.00,17850,United Kingdom\n"+
		"2,10001,MUG,3,2010-12-01 09:00:00,1.00,17850,United Kingdom\n")

	plan := read(t, first, second)

	require.Equal(t, 2, plan.Report.LinesAccepted)
	require.Equal(t, 1, plan.Report.LinesSetAside)
	require.Equal(t, []int64{2, 3}, plan.Products[0].Sold)
}

func TestRulesMakeOrders(t *testing.T) {
	plan := read(t, "testdata/rules.csv")

	require.Len(t, plan.Sales, 3)
	first, guest, third := plan.Sales[0], plan.Sales[1], plan.Sales[2]
	require.Equal(t, []retail.Item{{SKU: "10001", Quantity: 6, Price: 255}, {SKU: "10001", Quantity: 2, Price: 210}, {SKU: "10002A", Quantity: 4, Price: 339}}, first.Items)
	require.Equal(t, []retail.Charge{
		{Code: "POST", Description: "POSTAGE", Amount: 1800},
		{Discount: true, Code: "D", Description: "Discount", Amount: 500},
	}, first.Charges)
	require.Equal(t, int64(1530+420+1356+1800-500), first.Total)
	require.Zero(t, guest.Customer)
	require.Equal(t, int64(255+255+747), guest.Total)
	require.Equal(t, retail.Country{Name: "United Kingdom", Code: "GB"}, third.Country)
	require.Equal(t, []int64{13047, 17850}, plan.Customers)
}

func TestAReturnPrefersTheSamePrice(t *testing.T) {
	plan := read(t, "testdata/rules.csv")

	require.Len(t, plan.Returns, 1)
	require.Equal(t, "C700004", plan.Returns[0].Invoice)
	mugs := plan.Returns[0].Lines[1]
	require.Equal(t, []retail.Part{
		{Sale: plan.Sales[0], Item: 0, Quantity: 6},
		{Sale: plan.Sales[0], Item: 1, Quantity: 2},
	}, mugs.Parts, "six at the same price, then two at another")
}

func TestReturnsNeverTakeMoreThanWasSold(t *testing.T) {
	plan := read(t, write(t, header+
		"C9,10001,MUG,-1,2010-12-01 07:00:00,1.00,17850,United Kingdom\n"+ // before the sale
		"C8,10001,MUG,-4,2010-12-03 08:00:00,1.00,17850,United Kingdom\n"+ // more than is left
		"C7,10001,MUG,-3,2010-12-02 08:00:00,1.00,17850,United Kingdom\n"+
		"C6,10001,MUG,-2,2010-12-04 08:00:00,1.00,17850,United Kingdom\n"+ // all that is left
		"C5,10001,MUG,-1,2010-12-05 08:00:00,1.00,17850,United Kingdom\n"+ // nothing is left
		"C4,10001,MUG,-1,2010-12-05 08:00:00,1.00,13047,United Kingdom\n"+ // somebody else
		"1,10001,MUG,5,2010-12-01 08:00:00,1.00,17850,United Kingdom\n"))

	var invoices []string
	for _, r := range plan.Returns {
		invoices = append(invoices, r.Invoice)
	}
	require.Equal(t, []string{"C7", "C6"}, invoices)
	require.Equal(t, 4, plan.Report.LinesSetAside)
}

func TestAReturnThatTheShopCannotMakeIsSetAside(t *testing.T) {
	report := read(t, "testdata/rules.csv").Report
	before := report

	report.SetAside(retail.ReturnLine{Value: -1017}, "its sale was cancelled")

	require.Equal(t, before.LinesAccepted-1, report.LinesAccepted)
	require.Equal(t, before.LinesSetAside+1, report.LinesSetAside)
	require.Equal(t, before.ValueAccepted+1017, report.ValueAccepted)
	require.Equal(t, before.ValueSetAside-1017, report.ValueSetAside)
	require.Equal(t, before.Value, report.Value)
}

func TestProductsAreNamedByTheirLines(t *testing.T) {
	names, prices := map[string]string{}, map[string]int64{}
	for _, p := range read(t, "testdata/rules.csv").Products {
		names[p.SKU], prices[p.SKU] = p.Name, p.Price
	}
	require.Equal(t, map[string]string{"10001": "RED MUG", "10002A": "BLUE TIN", "10003": "GREEN BAG"}, names)
	require.Equal(t, map[string]int64{"10001": 255, "10002A": 339, "10003": 85}, prices)

	plan := read(t, write(t, header+
		"1,a1,,1,2010-12-01 08:00:00,1.00,,United Kingdom\n"+
		"2,a2,,1,2010-12-01 08:00:00,1.00,,United Kingdom\n"+
		"3,A2,found in the cellar,1,2010-12-01 08:00:00,0,,United Kingdom\n"))
	require.Equal(t, "A1", plan.Products[0].Name)
	require.Equal(t, "found in the cellar", plan.Products[1].Name)
}

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sales.csv")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func read(t *testing.T, paths ...string) *retail.Plan {
	t.Helper()
	plan, err := retail.Read(context.Background(), paths, retail.Defaults())
	require.NoError(t, err)
	return plan
}

func TestTheDocumentationHasTheSameTable(t *testing.T) {
	table := "| line | outcome | reason in the report |\n|---|---|---|\n"
	for _, rule := range retail.Rules {
		table += fmt.Sprintf("| %s | %s | %s |\n", rule.Line, rule.Outcome, rule.Reason)
	}
	doc, err := os.ReadFile("../../../../docs/import.md")
	require.NoError(t, err)
	require.Contains(t, string(doc), table, "docs/import.md has another table than the code")
}
