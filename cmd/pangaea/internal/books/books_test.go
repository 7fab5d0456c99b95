package books_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/books"
	"github.com/pangaea-shop/pangaea/modules/inventory/inventoryfx"
	"github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
	"github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	"github.com/pangaea-shop/pangaea/modules/shipping/shippingfx"
	"github.com/pangaea-shop/pangaea/platform/backlog"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// The ids of what a sound shop has: an order that was delivered and partly returned, and one that was
// cancelled after it was paid.
const (
	order     = "00000000-0000-7000-8000-000000000001"
	payment   = "00000000-0000-7000-8000-000000000002"
	shipment  = "00000000-0000-7000-8000-000000000003"
	order2    = "00000000-0000-7000-8000-000000000011"
	payment2  = "00000000-0000-7000-8000-000000000012"
	shipment2 = "00000000-0000-7000-8000-000000000013"
)

var noon = time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)

func gbp(pence int64) money.Money { return money.New(pence, "GBP") }

// sound is a reading in which every invariant holds.
func sound() books.Reading {
	return books.Reading{
		At: noon,
		Orders: []orderingfx.Figure{
			{ID: order, Status: "delivered", Total: gbp(300), Refunded: gbp(100), DeadlineAt: noon.Add(-time.Hour), Settled: true, Pieces: 3, Returned: 1},
			{ID: order2, Status: "cancelled", Total: gbp(200), Refunded: gbp(200), DeadlineAt: noon.Add(-time.Hour), Settled: true, StockSettled: true, MoneySettled: true, Pieces: 2},
		},
		Levels: []inventoryfx.Figure{{SKU: "MUG", OnHand: 8, Receipts: 11, Adjustments: -1, Sold: 3, Returned: 1}},
		Goods:  []inventoryfx.Held{{OrderID: order, State: "sold", Pieces: 3, Returned: 1}, {OrderID: order2, State: "restocked", Pieces: 2}},
		Payments: paymentsfx.AllFigures{
			Orders: []paymentsfx.OrderFigure{
				{OrderID: order, PaymentID: payment, Status: "partially_refunded", Captured: gbp(300), Refunded: gbp(100), LedgerCaptured: gbp(300), LedgerRefunded: gbp(100)},
				{OrderID: order2, PaymentID: payment2, Status: "refunded", Captured: gbp(200), Refunded: gbp(200), LedgerCaptured: gbp(200), LedgerRefunded: gbp(200)},
			},
			Ledger: []money.Money{gbp(0)}, Transactions: 8,
		},
		Statement: []paymentsfx.StatementLine{
			{PaymentID: payment, Authorized: gbp(300), Captured: gbp(300), Refunded: gbp(100), Voided: gbp(0)},
			{PaymentID: payment2, Authorized: gbp(200), Captured: gbp(200), Refunded: gbp(200), Voided: gbp(0)},
		},
		Shipments: []shippingfx.Figure{
			{OrderID: order, ShipmentID: shipment, Status: "delivered", TrackingNumber: "PG1"},
			{OrderID: order2, ShipmentID: shipment2, Status: "cancelled"},
		},
		Parcels: []shippingfx.Parcel{{ShipmentID: shipment, TrackingNumber: "PG1", TakenAt: noon, DeliveredAt: noon}},
	}
}

// found are the invariants and ids of violations.
func found(r books.Report) []string {
	list := []string{}
	for _, v := range r.Violations {
		list = append(list, v.Invariant+" "+v.ID)
	}
	return list
}

func TestASoundShop(t *testing.T) {
	report := sound().Compare()
	require.Empty(t, report.Violations)
	require.Empty(t, report.Operator)
	require.Zero(t, report.UnderWay)
	require.Equal(t, books.Checked{Orders: 2, SKUs: 1, Payments: 2, StatementLines: 2, Transactions: 8, Shipments: 2, Parcels: 1}, report.Checked)
	require.False(t, report.Nothing())
	require.True(t, books.Reading{}.Compare().Nothing())
}

func TestEveryDisagreementIsFound(t *testing.T) {
	tests := []struct {
		what  string
		make  func(*books.Reading)
		finds []string
	}{
		{"the provider took more", func(r *books.Reading) { r.Statement[0].Captured.Amount++; r.Statement[0].Authorized.Amount++ }, []string{"money-provider " + payment}},
		{"the provider paid back less", func(r *books.Reading) { r.Statement[0].Refunded.Amount-- }, []string{"money-provider " + payment}},
		{"the provider took another currency", func(r *books.Reading) { r.Statement[0].Captured.Currency = "EUR" }, []string{"money-provider " + payment}},
		{"the provider has never heard of it", func(r *books.Reading) { r.Statement = r.Statement[1:] }, []string{"money-provider " + payment}},
		{"the provider knows more payments", func(r *books.Reading) {
			r.Statement = append(r.Statement, paymentsfx.StatementLine{PaymentID: "P3", Captured: gbp(1)})
		}, []string{"money-provider P3"}},
		{"the provider holds money", func(r *books.Reading) { r.Statement[0].Authorized.Amount += 50 }, []string{"money-provider " + payment}},
		{"the ledger took less", func(r *books.Reading) { r.Payments.Orders[0].LedgerCaptured.Amount-- }, []string{"money-provider " + payment}},
		{"the order cost more", func(r *books.Reading) { r.Orders[0].Total.Amount++ }, []string{"money-orders " + order}},
		{"the order was refunded less", func(r *books.Reading) { r.Orders[0].Refunded.Amount-- }, []string{"money-orders " + order}},
		{"a cancelled order was not refunded", func(r *books.Reading) { r.Orders[1].Refunded.Amount, r.Orders[1].Total.Amount = 0, 201 }, []string{"money-orders " + order2}},
		{"a payment for no order", func(r *books.Reading) {
			r.Payments.Orders = append(r.Payments.Orders, paymentsfx.OrderFigure{OrderID: "O3", PaymentID: "P3"})
		}, []string{"money-orders P3"}},
		{"the ledger is out", func(r *books.Reading) { r.Payments.Ledger[0] = gbp(-1) }, []string{"ledger-balance GBP"}},
		{"a transaction is out", func(r *books.Reading) {
			r.Payments.Unbalanced = []paymentsfx.Imbalance{{Kind: "held", Reference: payment, Sum: gbp(1)}}
		}, []string{"ledger-balance held " + payment}},
		{"a piece too many", func(r *books.Reading) { r.Levels[0].OnHand++ }, []string{"stock-conservation MUG"}},
		{"a piece held for nobody", func(r *books.Reading) { r.Levels[0].OnHand--; r.Levels[0].Reserved++ }, []string{"stock-conservation MUG"}},
		{"less than nothing", func(r *books.Reading) { r.Levels[0].OnHand -= 9; r.Levels[0].Receipts -= 9 }, []string{"stock-conservation MUG"}},
		{"goods of a delivered order are held", func(r *books.Reading) { r.Goods[0].State = "reserved" }, []string{"stock-orders " + order}},
		{"goods of a cancelled order are held", func(r *books.Reading) { r.Goods[1].State = "reserved" }, []string{"stock-orders " + order2}},
		{"a piece was not returned", func(r *books.Reading) { r.Goods[0].Returned-- }, []string{"stock-orders " + order}},
		{"a piece was not sold", func(r *books.Reading) { r.Goods[0].Pieces-- }, []string{"stock-orders " + order}},
		{"inventory does not know the order", func(r *books.Reading) { r.Goods = r.Goods[1:] }, []string{"stock-orders " + order}},
		{"goods for no order", func(r *books.Reading) { r.Goods = append(r.Goods, inventoryfx.Held{OrderID: "O3", State: "sold"}) }, []string{"stock-orders O3"}},
		{"a refund nobody asks for", func(r *books.Reading) { r.Payments.Orders[0].InFlight = true }, []string{"orders-move " + payment}},
		{"goods unsettled", func(r *books.Reading) { r.Orders[1].StockSettled, r.Orders[1].Settled = false, false }, []string{"orders-end " + order2}},
		{"money unsettled", func(r *books.Reading) { r.Orders[1].MoneySettled, r.Orders[1].Settled = false, false }, []string{"orders-end " + order2}},
		{"the goods of a cancelled order left", func(r *books.Reading) { r.Shipments[1].Status = "handing_over" }, []string{"shipments-orders " + order2}},
		{"a shipment for no order", func(r *books.Reading) {
			r.Shipments = append(r.Shipments, shippingfx.Figure{OrderID: "O3", ShipmentID: "S3", Status: "pending"})
		}, []string{"shipments-orders S3"}},
		{"a parcel is lost", func(r *books.Reading) { r.Parcels = nil }, []string{"shipments-carrier " + shipment}},
		{"a parcel has not arrived", func(r *books.Reading) { r.Parcels[0].DeliveredAt = time.Time{} }, []string{"shipments-carrier " + shipment}},
		{"a parcel nobody should have", func(r *books.Reading) { r.Parcels = append(r.Parcels, shippingfx.Parcel{ShipmentID: shipment2}) }, []string{"shipments-carrier " + shipment2}},
		{"a parcel nobody sent", func(r *books.Reading) { r.Parcels = append(r.Parcels, shippingfx.Parcel{ShipmentID: "S3"}) }, []string{"shipments-carrier S3"}},
		{"another tracking number", func(r *books.Reading) { r.Parcels[0].TrackingNumber = "PG2" }, []string{"shipments-carrier " + shipment}},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			reading := sound()
			test.make(&reading)
			report := reading.Compare()
			require.Equal(t, test.finds, found(report), "%+v", report.Violations)
		})
	}
}

func TestWhatIsUnderWayIsLeftOut(t *testing.T) {
	tests := []struct {
		what string
		make func(*books.Reading)
		item backlog.Item
	}{
		{
			"a refund that ordering has not heard of", func(r *books.Reading) { r.Orders[0].Refunded.Amount = 0 },
			backlog.Item{Module: "payments", Peer: "ordering", Kind: backlog.Delivery, Key: order},
		},
		{
			"a refund that ordering cannot apply yet", func(r *books.Reading) { r.Orders[0].Refunded.Amount = 0 },
			backlog.Item{Module: "ordering", Peer: "payments", Kind: backlog.Message, State: backlog.Retrying, Key: order},
		},
		{
			"a refund that ordering could not apply", func(r *books.Reading) { r.Orders[0].Refunded.Amount = 0 },
			backlog.Item{Module: "ordering", Peer: "payments", Kind: backlog.Message, State: backlog.Parked, Key: order},
		},
		{
			"a return that inventory has not heard of", func(r *books.Reading) { r.Goods[0].Returned = 0 },
			backlog.Item{Module: "ordering", Peer: "inventory", Kind: backlog.Delivery, Key: order},
		},
		{
			"a refund whose answer is to come", func(r *books.Reading) { r.Statement[0].Refunded.Amount = 300; r.Payments.Orders[0].InFlight = true },
			backlog.Item{Module: "payments", Kind: backlog.Task, Name: "refund", Payload: `{"request":{"payment_id":"` + payment + `"}}`},
		},
		{
			"a parcel that was just taken", func(r *books.Reading) { r.Shipments[0].Status, r.Orders[0].Status = "dispatched", "dispatched" },
			backlog.Item{Module: "shipping", Kind: backlog.Task, Name: "deliver", Payload: `{"shipment_id":"` + shipment + `"}`},
		},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			reading := sound()
			test.make(&reading)
			require.NotEmpty(t, reading.Compare().Violations)

			reading.Backlog = []backlog.Item{test.item}
			report := reading.Compare()
			require.Empty(t, report.Violations)
			require.Equal(t, 1, report.UnderWay)
			require.Len(t, report.Operator, map[backlog.State]int{backlog.Parked: 1}[test.item.State])

			reading.Backlog[0].Key, reading.Backlog[0].Payload = order2, order2
			require.NotEmpty(t, reading.Compare().Violations, "what is under way about another order excuses nothing")
		})
	}
}

func TestOrdersThatStandStill(t *testing.T) {
	deadline := backlog.Item{Module: "ordering", Kind: backlog.Task, Name: "deadline", State: backlog.Waiting, Key: order}
	due := func(item backlog.Item, at time.Time) []backlog.Item { item.Due = at; return []backlog.Item{item} }
	open := orderingfx.Figure{ID: order, Status: "reserved", Total: gbp(300), Refunded: gbp(0), DeadlineAt: noon.Add(-time.Hour), Pieces: 3}
	reserved := books.Reading{At: noon, Goods: []inventoryfx.Held{{OrderID: order, State: "reserved", Pieces: 3}}}
	paid := sound()
	paid.Orders, paid.Goods, paid.Payments.Orders, paid.Statement = paid.Orders[:1], paid.Goods[:1], paid.Payments.Orders[:1], paid.Statement[:1]
	paid.Shipments, paid.Parcels = paid.Shipments[:1], nil
	paidOrder := paid.Orders[0]
	paidOrder.Status = "paid"

	tests := []struct {
		what    string
		reading books.Reading
		order   orderingfx.Figure
		change  func(*books.Reading, *orderingfx.Figure)
		stands  bool
	}{
		{"before its deadline", reserved, open, func(r *books.Reading, o *orderingfx.Figure) { o.DeadlineAt = noon.Add(time.Hour) }, false},
		{"a moment after its deadline", reserved, open, func(r *books.Reading, o *orderingfx.Figure) { o.DeadlineAt = noon.Add(-books.Grace / 2) }, false},
		{"past its deadline", reserved, open, func(*books.Reading, *orderingfx.Figure) {}, true},
		{"past its deadline, which is about to be noticed", reserved, open, func(r *books.Reading, _ *orderingfx.Figure) { r.Backlog = due(deadline, noon) }, false},
		{"past its deadline, which is to be noticed in a year", reserved, open, func(r *books.Reading, _ *orderingfx.Figure) { r.Backlog = due(deadline, noon.AddDate(1, 0, 0)) }, true},
		{"past its deadline, with a dead letter", reserved, open, func(r *books.Reading, _ *orderingfx.Figure) {
			r.Backlog = []backlog.Item{{Module: "inventory", Peer: "ordering", Kind: backlog.Message, State: backlog.Parked, Key: order}}
		}, false},
		{"paid, and unknown to shipping", paid, paidOrder, func(r *books.Reading, _ *orderingfx.Figure) { r.Shipments = nil }, true},
		{"paid, and about to be known to shipping", paid, paidOrder, func(r *books.Reading, _ *orderingfx.Figure) {
			r.Shipments = nil
			r.Backlog = []backlog.Item{{Module: "ordering", Peer: "shipping", Kind: backlog.Delivery, Key: order}}
		}, false},
		{"paid, and forgotten by shipping", paid, paidOrder, func(r *books.Reading, _ *orderingfx.Figure) { r.Shipments[0].Status = "pending" }, true},
		{"paid, and to be dispatched by staff", paid, paidOrder, func(r *books.Reading, _ *orderingfx.Figure) { r.Shipments[0].Status, r.Manual = "pending", true }, false},
		{"paid, and half handed over", paid, paidOrder, func(r *books.Reading, _ *orderingfx.Figure) { r.Shipments[0].Status, r.Manual = "handing_over", true }, true},
		{"paid, and to be dispatched soon", paid, paidOrder, func(r *books.Reading, _ *orderingfx.Figure) {
			r.Shipments[0].Status = "pending"
			r.Backlog = []backlog.Item{{Module: "shipping", Kind: backlog.Task, Name: "hand-over", Key: shipment}}
		}, false},
	}
	for _, test := range tests {
		t.Run(test.what, func(t *testing.T) {
			reading, o := test.reading, test.order
			reading.Shipments = append([]shippingfx.Figure(nil), reading.Shipments...)
			test.change(&reading, &o)
			o.Settled = false
			reading.Orders = []orderingfx.Figure{o}
			report := reading.Compare()
			want := []string{}
			if test.stands {
				want = []string{"orders-move " + order}
			}
			var moves []string
			for _, v := range found(report) {
				if strings.HasPrefix(v, "orders-move") {
					moves = append(moves, v)
				}
			}
			require.ElementsMatch(t, want, moves, "%+v", report.Violations)
		})
	}
}

func TestARefusedRefundWaitsForStaff(t *testing.T) {
	reading := sound()
	reading.Orders[1].MoneySettled, reading.Orders[1].Settled, reading.Orders[1].RefundFailed = false, false, true
	report := reading.Compare()
	require.Empty(t, report.Violations)
	require.Len(t, report.Operator, 1)
	require.Contains(t, report.Operator[0], order2)
}

func TestASecondReadingHasToAgree(t *testing.T) {
	reading := sound()
	reading.Levels[0].OnHand++
	reading.Orders[0].Refunded.Amount++
	first := reading.Compare()
	require.Equal(t, []string{"money-orders " + order, "stock-conservation MUG"}, found(first))

	reading.Orders[0].Refunded.Amount++ // it moves
	reading.Parcels = nil               // this is new
	require.Equal(t, []string{"stock-conservation MUG"}, found(first.Confirm(reading.Compare())))
}

func TestTheReportNamesBothFigures(t *testing.T) {
	reading := sound()
	reading.Statement[0].Refunded.Amount = 99
	var text strings.Builder
	require.NoError(t, reading.Compare().Text(&text))
	require.Equal(t, "violated  money-provider  payment "+payment+": order "+order+
		": the provider's statement says 3.00 GBP taken and 0.99 GBP paid back, payments say 3.00 GBP taken and 1.00 GBP paid back\n"+
		"checked 2 orders (0 under way), 1 SKUs, 2 payments against 2 lines of the provider's statement, 8 ledger transactions, "+
		"2 shipments against 1 parcels of the carrier\n1 violation\n", text.String())
}

func TestEveryInvariantIsDocumentedAndTamperedWith(t *testing.T) {
	const root = "../../../.."
	manual, err := os.ReadFile(filepath.Join(root, "docs", "operations.md"))
	require.NoError(t, err)
	for _, invariant := range books.Invariants {
		require.Contains(t, string(manual), "| `"+invariant.Name+"` | "+invariant.Holds+" |")
		require.FileExists(t, filepath.Join(root, "stories", "testdata", "tampering", invariant.Name+".sql"))
	}
}
