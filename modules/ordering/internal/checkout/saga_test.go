package checkout_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	orderingsql "github.com/pangaea-shop/pangaea/migrations/ordering"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// stories are what other modules say to an order and the customer does with it, and how it ends.
var stories = []struct{ name, told, ends string }{
	{"bought", "reserved authorized captured dispatched delivered", "delivered settled"},
	{"out of stock", "rejected released voided", "cancelled out_of_stock settled"},
	{"declined", "reserved declined released voided", "cancelled payment_declined settled"},
	{"capture fails", "reserved authorized capture-failed released voided", "cancelled payment_failed settled"},
	{"never answered", "deadline released voided", "cancelled timed_out settled"},
	{"never authorized", "reserved deadline released voided", "cancelled timed_out settled"},
	{"never captured", "reserved authorized deadline released voided", "cancelled timed_out settled"},
	{"authorized too late", "reserved deadline authorized released voided", "cancelled timed_out settled"},
	{"captured too late", "reserved authorized deadline captured refunded released", "cancelled timed_out settled"},
	{"cancelled while capturing", "reserved authorized cancel captured released refunded", "cancelled customer settled"},
	{"deadline after payment", "reserved authorized captured deadline", "paid"},
	{"cancelled after payment", "reserved authorized captured cancel kept-back released refunded", "cancelled customer settled"},
	{"cancelled too late", "reserved authorized captured cancel dispatched kept-back delivered", "delivered settled"},
	{"cancelled twice", "cancel cancel released voided", "cancelled customer settled"},
	{"goods back alone", "reserved cancel released", "cancelled customer"},
	{"money back alone", "reserved cancel voided", "cancelled customer"},
	{"refund fails first", "reserved authorized captured cancel kept-back released refund-failed refunded", "cancelled customer settled"},
	{"reserved after cancel", "cancel reserved released voided", "cancelled customer settled"},
	{"rejected after cancel", "cancel rejected released voided", "cancelled customer settled"},
}

func TestStories(t *testing.T) {
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			shop := open(t)
			id := shop.place(t)
			for _, word := range strings.Fields(story.told) {
				require.NoError(t, shop.tell(id, word), word)
			}
			require.Equal(t, story.ends, shop.end(t, id))
		})
	}
}

// TestNewsMayRepeat tells every story with all its news twice, and with all of it told again at the end.
func TestNewsMayRepeat(t *testing.T) {
	shop := open(t)
	for _, story := range stories {
		id := shop.place(t)
		words := strings.Fields(story.told)
		for _, word := range words {
			require.NoError(t, shop.tell(id, word))
			events := shop.announced(t, id)
			_ = shop.tell(id, word)
			require.Equal(t, events, shop.announced(t, id), "%s: %s twice", story.name, word)
		}
		events := shop.announced(t, id)
		for _, word := range words {
			_ = shop.tell(id, word)
		}
		require.Equal(t, story.ends, shop.end(t, id), story.name)
		require.Equal(t, events, shop.announced(t, id), story.name)
	}
}

func TestNewsBeforeItsTimeIsTriedAgain(t *testing.T) {
	shop := open(t)
	id := shop.place(t)
	for _, word := range []string{"authorized", "captured", "dispatched", "released", "refunded"} {
		require.True(t, fault.Is(shop.tell(id, word), fault.Conflict), word)
	}
	require.True(t, fault.Is(shop.tell("missing", "reserved"), fault.NotFound))
	require.Equal(t, "placed", shop.end(t, id))
}

func TestShippingHearsOfAnOrderWhenItIsPaid(t *testing.T) {
	shop := open(t)
	id := shop.place(t)
	for _, word := range []string{"reserved", "authorized", "captured", "dispatched", "delivered"} {
		require.NoError(t, shop.tell(id, word))
	}
	require.Equal(t, []string{
		"ordering.OrderPlaced", "ordering.OrderReserved", "ordering.OrderConfirmed", "ordering.OrderPaid", "ordering.OrderCompleted",
	}, shop.announced(t, id))
}

func TestAReturnIsRefunded(t *testing.T) {
	shop := open(t)
	id := shop.place(t)
	for _, word := range []string{"reserved", "authorized", "captured", "dispatched", "delivered"} {
		require.NoError(t, shop.tell(id, word))
	}
	var r order.Return
	require.NoError(t, shop.orders.UpdateWithReturns(t.Context(), id, func(o *order.Order) (err error) {
		r, err = o.RequestReturn([]ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 1}}, "too blue", time.Now())
		if err != nil {
			return err
		}
		return o.AcceptReturn(r.ID, time.Now())
	}))

	amount := payments.Money(r.Amount)
	require.NoError(t, shop.saga.PaymentRefundFailed(t.Context(), &payments.PaymentRefundFailed{OrderID: id, ReturnID: r.ID, Amount: amount}))
	for range 2 {
		require.NoError(t, shop.saga.PaymentRefunded(t.Context(), &payments.PaymentRefunded{OrderID: id, ReturnID: r.ID, Amount: amount}))
	}

	state, err := shop.orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	require.Equal(t, order.Refunded, state.Returns[0].Status)
	require.Equal(t, r.Amount, state.Refunded)
}

func TestAClosedAccountIsForgottenNowAndLater(t *testing.T) {
	shop := open(t)
	id := shop.place(t)
	require.NoError(t, shop.tell(id, "cancel"))
	require.NoError(t, shop.db.Do(t.Context(), func(ctx context.Context, _ *gorm.DB) error {
		return shop.saga.AccountClosed(ctx, &identity.AccountClosed{AccountID: "ada"})
	}))
	state, err := shop.orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	require.Equal(t, order.Erased, state.Address.Name)

	late := shop.place(t)
	require.NoError(t, shop.tell(late, "cancel"))
	require.NoError(t, shop.saga.Forget(t.Context(), tasks.Task{Kind: store.Forgetting, Key: "ada"}))
	state, err = shop.orders.Find(t.Context(), late, store.Everybody)
	require.NoError(t, err)
	require.Equal(t, order.Erased, state.Address.Name)
}

// A shop is ordering on a database of its own; the test plays the other modules.
type shop struct {
	db     *database.DB
	orders *store.Orders
	saga   *checkout.Saga
}

func open(t testing.TB) *shop {
	t.Helper()
	db := databasetest.Open(t, "ordering", orderingsql.Files)
	orders := store.NewOrders(db, outbox.New(db, outbox.Manifest{}), tasks.New(db))
	return &shop{db, orders, checkout.NewSaga(orders, time.Now)}
}

func (s *shop) place(t testing.TB) string {
	t.Helper()
	o, err := order.Place(order.Draft{
		CustomerID: "ada", PaymentToken: "tok_approve", Deadline: time.Minute,
		Items:   []order.Item{{SKU: "MUG", Name: "Mug", Quantity: 2, UnitPrice: money.New(1999, "GBP")}},
		Address: ordering.Address{Name: "Ada", Line1: "1 Main Street", City: "London", PostalCode: "N1", Country: "GB"},
	}, time.Now())
	require.NoError(t, err)
	_, err = s.orders.Add(t.Context(), o)
	require.NoError(t, err)
	return o.State().ID
}

// tell lets the order hear news as it would from the bus, in a unit of work.
func (s *shop) tell(id, word string) error {
	all := payments.Money{Amount: 3998, Currency: "GBP"}
	return s.db.Do(context.Background(), func(ctx context.Context, _ *gorm.DB) error {
		switch word {
		case "reserved":
			return s.saga.StockReserved(ctx, &inventory.StockReserved{OrderID: id})
		case "rejected":
			return s.saga.StockRejected(ctx, &inventory.StockRejected{OrderID: id})
		case "authorized":
			return s.saga.PaymentAuthorized(ctx, &payments.PaymentAuthorized{OrderID: id})
		case "declined":
			return s.saga.PaymentDeclined(ctx, &payments.PaymentDeclined{OrderID: id})
		case "captured":
			return s.saga.PaymentCaptured(ctx, &payments.PaymentCaptured{OrderID: id, Amount: all})
		case "capture-failed":
			return s.saga.PaymentCaptureFailed(ctx, &payments.PaymentCaptureFailed{OrderID: id})
		case "dispatched":
			return s.saga.ShipmentDispatched(ctx, &shipping.ShipmentDispatched{OrderID: id})
		case "delivered":
			return s.saga.ShipmentDelivered(ctx, &shipping.ShipmentDelivered{OrderID: id})
		case "kept-back":
			return s.saga.ShipmentCancelled(ctx, &shipping.ShipmentCancelled{OrderID: id})
		case "released":
			return s.saga.StockReleased(ctx, &inventory.StockReleased{OrderID: id})
		case "voided":
			return s.saga.PaymentVoided(ctx, &payments.PaymentVoided{OrderID: id})
		case "refunded":
			return s.saga.PaymentRefunded(ctx, &payments.PaymentRefunded{OrderID: id, Amount: all})
		case "refund-failed":
			return s.saga.PaymentRefundFailed(ctx, &payments.PaymentRefundFailed{OrderID: id, Amount: all})
		case "deadline":
			return s.saga.Deadline(ctx, tasks.Task{Kind: store.Deadline, Key: id})
		case "cancel":
			return s.orders.Update(ctx, id, func(o *order.Order) error { return o.RequestCancellation(time.Now()) })
		}
		panic("nobody says " + word)
	})
}

// end is where the order has got to: status, cancel reason, and whether it is settled.
func (s *shop) end(t testing.TB, id string) string {
	t.Helper()
	state, err := s.orders.Find(t.Context(), id, store.Everybody)
	require.NoError(t, err)
	words := []string{string(state.Status)}
	if state.CancelReason != "" {
		words = append(words, state.CancelReason)
	}
	if state.Settled() {
		words = append(words, "settled")
	}
	return strings.Join(words, " ")
}

func (s *shop) announced(t testing.TB, id string) (names []string) {
	t.Helper()
	require.NoError(t, s.db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("outbox_events").Where("event_key = ?", id).Order("position").Pluck("name", &names).Error
	}))
	return names
}
