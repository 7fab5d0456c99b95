package web_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	orderingsql "github.com/pangaea-shop/pangaea/migrations/ordering"
	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/web"
	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver/httpservertest"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A shop is ordering behind its HTTP face; the test plays the other modules.
type shop struct {
	*httpservertest.Client
	db   *database.DB
	saga *checkout.Saga
}

func open(t *testing.T) *shop {
	t.Helper()
	db := databasetest.Open(t, "ordering", orderingsql.Files)
	orders := store.NewOrders(db, outbox.New(db, outbox.Manifest{}), tasks.New(db))
	till, err := checkout.NewTill(catalogue{}, people{}, checkout.Settings{Deadline: 30 * time.Second}, time.Now)
	require.NoError(t, err)
	handlers := web.NewOrders(till, orders, idempotency.New(db), audit.New(db))
	return &shop{httpservertest.New(t, handlers.Mount), db, checkout.NewSaga(orders, time.Now)}
}

func (s *shop) customer(name string) *httpservertest.Client { return s.As(name, auth.RoleCustomer) }

func (s *shop) staff() *httpservertest.Client { return s.As("staff", auth.RoleStaff) }

// keyed returns a client that sends a fresh idempotency key.
func keyed(c *httpservertest.Client) *httpservertest.Client {
	return c.With("Idempotency-Key", uuid.NewString())
}

// place lets a client order two mugs and returns the order's id.
func place(t *testing.T, c *httpservertest.Client) string {
	t.Helper()
	var placed web.Summary
	keyed(c).Post("/api/v1/orders", wish(nil)).Require(http.StatusAccepted).Into(&placed)
	return placed.ID
}

// show returns the order as staff see it.
func (s *shop) show(t *testing.T, id string) (o web.Order) {
	t.Helper()
	s.staff().Get("/api/v1/orders/" + id).Require(http.StatusOK).Into(&o)
	return o
}

// pay, dispatch and deliver lead an order on as the other modules would.
func (s *shop) pay(t *testing.T, id string) {
	t.Helper()
	require.NoError(t, s.saga.StockReserved(t.Context(), &inventory.StockReserved{OrderID: id}))
	require.NoError(t, s.saga.PaymentAuthorized(t.Context(), &payments.PaymentAuthorized{OrderID: id}))
	require.NoError(t, s.saga.PaymentCaptured(t.Context(), &payments.PaymentCaptured{OrderID: id}))
}

func (s *shop) dispatch(t *testing.T, id string) {
	t.Helper()
	s.pay(t, id)
	require.NoError(t, s.saga.ShipmentDispatched(t.Context(), &shipping.ShipmentDispatched{OrderID: id}))
}

func (s *shop) deliver(t *testing.T, id string) {
	t.Helper()
	s.dispatch(t, id)
	require.NoError(t, s.saga.ShipmentDelivered(t.Context(), &shipping.ShipmentDelivered{OrderID: id}))
}

// audited are the actions on record, in their order.
func (s *shop) audited(t *testing.T) (actions []string) {
	t.Helper()
	require.NoError(t, s.db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Table("audit_log").Order("id").Pluck("action", &actions).Error
	}))
	return actions
}

type object = map[string]any

// wish is a body that orders two mugs, with changes.
func wish(changes object) object {
	body := object{
		"items":   []object{{"sku": "mug", "quantity": 2}},
		"payment": object{"card_token": "tok_approve"},
		"shipping_address": object{
			"name": "Ada", "line1": "1 Main Street", "city": "London", "postal_code": "N1", "country": "GB",
		},
	}
	for name, value := range changes {
		body[name] = value
	}
	return body
}

func gbp(amount int64) object { return object{"amount": amount, "currency": "GBP"} }

// catalogue plays the catalog: it sells mugs and plates.
type catalogue struct{}

func (catalogue) Quote(_ context.Context, skus []string) (map[string]catalog.Quote, error) {
	prices := map[string]int64{"MUG": 1999, "PLATE": 500}
	quotes := map[string]catalog.Quote{}
	for _, sku := range skus {
		if price, ok := prices[sku]; ok {
			quotes[sku] = catalog.Quote{SKU: sku, Name: "the " + sku, Price: catalog.Money{Amount: price, Currency: "GBP"}}
		}
	}
	return quotes, nil
}

// people plays identity: it knows ada and bob.
type people struct{}

func (people) Known(_ context.Context, ids []string) (map[string]bool, error) {
	known := map[string]bool{}
	for _, id := range ids {
		if id == "ada" || id == "bob" {
			known[id] = true
		}
	}
	return known, nil
}
