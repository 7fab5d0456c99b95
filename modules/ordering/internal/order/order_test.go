package order_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

var noon = time.Date(2026, 2, 28, 12, 0, 0, 0, time.UTC)

// news is everything that an order may hear, by name.
var news = map[string]func(*order.Order) error{
	"reserved":         func(o *order.Order) error { return o.Reserve(noon) },
	"out of stock":     func(o *order.Order) error { return o.Cancel(ordering.OutOfStock, noon) },
	"authorized":       func(o *order.Order) error { return o.Confirm(noon) },
	"declined":         func(o *order.Order) error { return o.Cancel(ordering.PaymentDeclined, noon) },
	"captured":         func(o *order.Order) error { return o.MarkPaid(noon) },
	"capture failed":   func(o *order.Order) error { return o.Cancel(ordering.PaymentFailed, noon) },
	"dispatched":       func(o *order.Order) error { return o.Dispatch(noon) },
	"delivered":        func(o *order.Order) error { return o.Deliver(noon) },
	"kept back":        func(o *order.Order) error { return o.KeepBack(noon) },
	"released":         func(o *order.Order) error { return o.SettleStock(noon) },
	"voided":           func(o *order.Order) error { return o.SettleMoney(noon) },
	"refunded":         func(o *order.Order) error { return o.Refund(o.State().Total, noon) },
	"refund failed":    func(o *order.Order) error { return o.FailRefund(noon) },
	"customer cancels": func(o *order.Order) error { return o.RequestCancellation(noon) },
	"deadline":         func(o *order.Order) error { return o.Cancel(ordering.TimedOut, noon) },
}

// ways are the states of an order and the news that lead there.
var ways = []struct{ state, news string }{
	{"placed", ""},
	{"reserved", "reserved"},
	{"confirmed", "reserved, authorized"},
	{"paid", "reserved, authorized, captured"},
	{"cancelling", "reserved, authorized, captured, customer cancels"},
	{"dispatched", "reserved, authorized, captured, dispatched"},
	{"delivered", "reserved, authorized, captured, dispatched, delivered"},
	{"cancelled", "reserved, customer cancels"},
	{"settled", "reserved, customer cancels, released, voided"},
}

// meetings say what every state does with all news, in the order of ways: the status it moves to,
// "." for nothing, "early" for news before its time, "never" for what contradicts what is known.
const meetings = `
	reserved         | reserved  .         .         .          .          .          .         .         .
	out of stock     | cancelled .         .         .          .          .          .         .         .
	authorized       | early     confirmed .         .          .          .          .         .         .
	declined         | early     cancelled .         .          .          .          .         .         .
	captured         | early     early     paid      .          .          .          .         .         .
	capture failed   | early     early     cancelled .          .          .          .         .         .
	dispatched       | early     early     early     dispatched dispatched .          .         never     never
	delivered        | early     early     early     early      early      delivered  .         never     never
	kept back        | early     early     early     early      cancelled  .          .         .         .
	released         | early     early     early     early      early      early      early     cancelled .
	voided           | early     early     early     early      early      early      early     cancelled .
	refunded         | early     early     early     early      early      early      early     cancelled .
	refund failed    | early     early     early     early      early      early      early     cancelled .
	customer cancels | cancelled cancelled cancelled paid       .          late       late      .         .
	deadline         | cancelled cancelled cancelled .          .          .          .         .         .`

func TestEveryStateMeetsAllNews(t *testing.T) {
	codes := map[string]string{"early": "order-not-ready", "never": "order-cancelled", "late": "already-dispatched"}
	met := 0
	for _, line := range strings.Split(strings.TrimSpace(meetings), "\n") {
		heard, row, _ := strings.Cut(line, "|")
		heard = strings.TrimSpace(heard)
		for i, want := range strings.Fields(row) {
			met++
			t.Run(heard+" while "+ways[i].state, func(t *testing.T) {
				before := at(t, ways[i].news)
				o := order.Restore(before.State())

				err := news[heard](o)

				switch want {
				case ".":
					require.NoError(t, err)
					require.Equal(t, before.State(), o.State())
				case "early", "never", "late":
					problem, _ := fault.As(err)
					require.NotNil(t, problem, "%v", err)
					require.Equal(t, fault.Conflict, problem.Kind)
					require.Equal(t, codes[want], problem.Code)
					require.Equal(t, before.State(), o.State())
				default:
					require.NoError(t, err)
					require.Equal(t, order.Status(want), o.State().Status)
					require.NotEqual(t, before.State(), o.State())
					require.NotEmpty(t, o.Entries())
				}
				requireLegal(t, o.State())
				requireTwiceIsOnce(t, o, heard)
			})
		}
	}
	require.Equal(t, len(ways)*len(news), met, "every state meets all news")
}

// TestNoOrderIsStuck walks every sequence of news. Wherever it leads the state is legal, and something
// can still happen that ends the order.
func TestNoOrderIsStuck(t *testing.T) {
	states := map[string]order.State{}
	leads := map[string][]string{}
	for todo := []order.State{at(t, "").State()}; len(todo) > 0; {
		state := todo[0]
		todo = todo[1:]
		if _, seen := states[kind(state)]; seen {
			continue
		}
		states[kind(state)] = state
		requireLegal(t, state)
		for _, hear := range news {
			o := order.Restore(state)
			if hear(o) == nil {
				leads[kind(state)] = append(leads[kind(state)], kind(o.State()))
				todo = append(todo, o.State())
			}
		}
	}
	ends := map[string]bool{}
	for spread := true; spread; {
		spread = false
		for name, state := range states {
			ending := state.Settled()
			for _, next := range leads[name] {
				ending = ending || ends[next]
			}
			if ending && !ends[name] {
				ends[name], spread = true, true
			}
		}
	}
	require.Greater(t, len(states), 30)
	for name := range states {
		require.True(t, ends[name], "%s never ends", name)
	}
}

func TestWhatAnOrderAnnounces(t *testing.T) {
	for _, c := range []struct{ news, announced string }{
		{"", "ordering.OrderPlaced"},
		{"reserved", "ordering.OrderReserved"},
		{"reserved, authorized", "ordering.OrderConfirmed"},
		{"reserved, authorized, captured", "ordering.OrderPaid"},
		{"reserved, authorized, captured, dispatched", ""},
		{"reserved, authorized, captured, dispatched, delivered", "ordering.OrderCompleted"},
		{"out of stock", "ordering.OrderCancelled"},
		{"reserved, authorized, captured, customer cancels", "ordering.CancellationRequested"},
		{"reserved, authorized, captured, customer cancels, dispatched", "ordering.CancellationRefused"},
		{"reserved, authorized, captured, customer cancels, kept back", "ordering.OrderCancelled"},
		{"out of stock, released, voided", ""},
	} {
		o := at(t, c.news)
		var names []string
		for _, e := range o.Events() {
			names = append(names, e.EventName())
			require.Equal(t, o.State().ID, e.EventKey())
		}
		require.Equal(t, c.announced, strings.Join(names, ", "), "after %s", c.news)
	}
}

func TestTheCardTokenIsPassedOnOnce(t *testing.T) {
	o := at(t, "reserved")
	require.Equal(t, "tok_approve", o.Events()[0].(ordering.OrderReserved).PaymentToken)
	require.Empty(t, o.State().PaymentToken)
	require.Empty(t, at(t, "out of stock").State().PaymentToken)
}

func TestTheAddressOfAClosedAccountGoesWhenTheOrderEnds(t *testing.T) {
	for _, ending := range []string{"delivered", "customer cancels"} {
		state := at(t, "reserved").State()
		if ending == "delivered" {
			state = at(t, "reserved, authorized, captured, dispatched").State()
		}
		state.CustomerGone = true
		o := order.Restore(state)
		require.NoError(t, news[ending](o))
		require.Equal(t, ordering.Address{Name: order.Erased, Country: "GB"}, o.State().Address)
	}
}

// at returns an order after news; its entries and events are those of the last of them.
func at(t *testing.T, heard string) *order.Order {
	t.Helper()
	o, err := order.Place(draft(), noon)
	require.NoError(t, err)
	for _, name := range strings.Split(heard, ", ") {
		if name == "" {
			continue
		}
		o = order.Restore(o.State())
		require.NoError(t, news[name](o))
	}
	return o
}

func draft() order.Draft {
	return order.Draft{
		CustomerID: "ada", PaymentToken: "tok_approve", Deadline: 30 * time.Second,
		Items:   []order.Item{{SKU: "MUG", Name: "Mug", Quantity: 2, UnitPrice: money.New(1999, "GBP")}},
		Address: ordering.Address{Name: "Ada", Line1: "1 Main Street", City: "London", PostalCode: "N1", Country: "GB"},
	}
}

// kind is what a state can do, without the length of its history.
func kind(s order.State) string {
	return fmt.Sprint(s.Status, s.CancelReason, s.CancellationRequested, s.StockSettled, s.MoneySettled, s.RefundFailed, s.Refunded)
}

func requireLegal(t *testing.T, s order.State) {
	t.Helper()
	cancelled := s.Status == order.Cancelled
	require.Equal(t, cancelled, s.CancelReason != "")
	require.True(t, cancelled || !s.StockSettled && !s.MoneySettled && !s.RefundFailed)
	require.True(t, s.Status == order.Paid || !s.CancellationRequested)
	require.True(t, s.MoneySettled || s.Refunded.IsZero())
	require.False(t, s.MoneySettled && s.RefundFailed)
	require.LessOrEqual(t, s.Refunded.Amount, s.Total.Amount)
}

func requireTwiceIsOnce(t *testing.T, o *order.Order, heard string) {
	t.Helper()
	state, events := o.State(), len(o.Events())
	_ = news[heard](o)
	require.Equal(t, state, o.State(), "%s twice", heard)
	require.Len(t, o.Events(), events)
}
