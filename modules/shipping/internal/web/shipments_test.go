package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	shippingsql "github.com/pangaea-shop/pangaea/migrations/shipping"
	shippingcarriersql "github.com/pangaea-shop/pangaea/migrations/shipping_carrier"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/dispatch"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator"
	books "github.com/pangaea-shop/pangaea/modules/shipping/internal/simulator/store"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/store"
	"github.com/pangaea-shop/pangaea/modules/shipping/internal/web"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/httpserver/httpservertest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

type shop struct {
	*httpservertest.Client
	desk      *dispatch.Desk
	shipments *store.Shipments
	audit     *audit.Log
}

func open(t *testing.T) *shop {
	t.Helper()
	db := databasetest.Open(t, "shipping", shippingsql.Files)
	carrier := simulator.New(books.NewBooks(databasetest.Open(t, "shipping-carrier", shippingcarriersql.Files)))
	s := &shop{shipments: store.NewShipments(db, outbox.New(db, nil)), audit: audit.New(db)}
	s.desk = dispatch.New(s.shipments, tasks.New(db), carrier, dispatch.Settings{Carrier: "manual"}, time.Now)
	s.Client = httpservertest.New(t, web.NewShipments(s.shipments, s.desk, s.audit).Mount)
	return s
}

func (s *shop) staff() *httpservertest.Client { return s.As("sam", auth.RoleStaff) }

// paid is an order whose goods may leave.
func (s *shop) paid(t *testing.T, customer string) (orderID, shipmentID string) {
	t.Helper()
	orderID = uuid.NewString()
	require.NoError(t, s.desk.OrderPaid(t.Context(), &ordering.OrderPaid{
		OrderID: orderID, CustomerID: customer, Lines: []ordering.Line{{LineID: "1", SKU: "MUG", Quantity: 2}},
		Address: ordering.Address{Name: "Ada Lovelace", Line1: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", Country: "GB"},
	}))
	found, err := s.shipments.List(t.Context(), store.Query{OrderID: orderID, Limit: 1})
	require.NoError(t, err)
	return orderID, found[0].ID
}

func TestWhoMaySeeAShipment(t *testing.T) {
	s := open(t)
	order, id := s.paid(t, "ada")
	path := "/api/v1/shipments?order_id=" + order

	s.Get(path).Problem(http.StatusUnauthorized, "unauthenticated")
	s.As("eve").Get(path).Problem(http.StatusNotFound, "not-found")
	s.As("ada").Get("/api/v1/shipments").Problem(http.StatusUnprocessableEntity, "invalid", "order_id")

	var seen, seenByStaff httpserver.Page[web.Shipment]
	s.As("ada").Get(path).Require(http.StatusOK).Into(&seen)
	require.Len(t, seen.Items, 1)
	require.Equal(t, id, seen.Items[0].ID)
	require.Equal(t, "pending", seen.Items[0].Status)
	require.Equal(t, "London", seen.Items[0].Address.City)
	require.Equal(t, []web.Line{{LineID: "1", SKU: "MUG", Quantity: 2}}, seen.Items[0].Lines)
	require.Nil(t, seen.Items[0].DispatchedAt)

	s.staff().Get(path).Require(http.StatusOK).Into(&seenByStaff)
	require.Equal(t, seen, seenByStaff)
	entries, err := s.audit.Of(t.Context(), "ada", 10)
	require.NoError(t, err)
	require.Len(t, entries, 1, "only staff's look is kept")

	answer := s.As("eve").Get("/api/v1/shipments?order_id=" + uuid.NewString()).Require(http.StatusOK)
	require.JSONEq(t, `{"items":[],"next_page_token":""}`, string(answer.Body))
}

func TestOnlyStaffSendAndDeliver(t *testing.T) {
	s := open(t)
	_, id := s.paid(t, "ada")
	for _, action := range []string{"dispatch", "deliver"} {
		path := "/api/v1/shipments/" + id + "/" + action
		s.Post(path, nil).Problem(http.StatusUnauthorized, "unauthenticated")
		s.As("ada").Post(path, nil).Problem(http.StatusForbidden, "forbidden")
		for _, missing := range []string{uuid.NewString(), "42", "' OR 1=1 --"} {
			s.staff().Post("/api/v1/shipments/"+url.PathEscape(missing)+"/"+action, nil).Problem(http.StatusNotFound, "not-found")
		}
		s.staff().Post("/api/v1/shipments/"+strings.Repeat("x", 65)+"/"+action, nil).Problem(http.StatusUnprocessableEntity, "invalid", "id")
	}
}

func TestTheWayOfAShipment(t *testing.T) {
	s := open(t)
	order, id := s.paid(t, "ada")
	path := "/api/v1/shipments/" + id

	s.staff().Post(path+"/deliver", nil).Problem(http.StatusConflict, "wrong-shipment-status")
	var shown web.Shipment
	for range 2 { // a repeated request is the same request
		s.staff().Post(path+"/dispatch", nil).Require(http.StatusOK).Into(&shown)
		require.Equal(t, "dispatched", shown.Status)
		require.NotEmpty(t, shown.TrackingNumber)
		require.NotEmpty(t, shown.Lines)
	}
	for range 2 {
		s.staff().Post(path+"/deliver", nil).Require(http.StatusOK).Into(&shown)
		require.Equal(t, "delivered", shown.Status)
		require.NotNil(t, shown.DeliveredAt)
	}
	s.staff().Post(path+"/dispatch", nil).Problem(http.StatusConflict, "wrong-shipment-status")

	entries, err := s.audit.Of(t.Context(), "ada", 10)
	require.NoError(t, err)
	require.Equal(t, "shipment.dispatch", entries[0].Action)
	var seen httpserver.Page[web.Shipment]
	s.As("ada").Get("/api/v1/shipments?order_id=" + order).Require(http.StatusOK).Into(&seen)
	require.Equal(t, shown, seen.Items[0])
}

func TestWhatWasKeptBackIsNotSent(t *testing.T) {
	s := open(t)
	order, id := s.paid(t, "ada")
	require.NoError(t, s.desk.CancellationRequested(t.Context(), &ordering.CancellationRequested{OrderID: order}))
	s.staff().Post("/api/v1/shipments/"+id+"/dispatch", nil).Problem(http.StatusConflict, "wrong-shipment-status")
}

func TestStaffSeeWhatIsToBeSent(t *testing.T) {
	s := open(t)
	_, sent := s.paid(t, "ada")
	_, waiting := s.paid(t, "eve")
	s.staff().Post("/api/v1/shipments/"+sent+"/dispatch", nil).Require(http.StatusOK)
	for status, id := range map[string]string{"pending": waiting, "dispatched": sent} {
		var page httpserver.Page[web.Shipment]
		s.staff().Get("/api/v1/shipments?status=" + status).Require(http.StatusOK).Into(&page)
		require.Len(t, page.Items, 1)
		require.Equal(t, id, page.Items[0].ID)
	}
	var first, second httpserver.Page[web.Shipment]
	s.staff().Get("/api/v1/shipments?page_size=1").Require(http.StatusOK).Into(&first)
	s.staff().Get("/api/v1/shipments?page_size=1&page_token=" + first.NextPageToken).Require(http.StatusOK).Into(&second)
	require.Equal(t, waiting, first.Items[0].ID)
	require.Equal(t, sent, second.Items[0].ID)
	require.Empty(t, second.NextPageToken)
}

func TestBadInput(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		query  string
		status int
		code   string
		field  string
	}{
		{"order_id=" + strings.Repeat("x", 65), http.StatusUnprocessableEntity, "invalid", "order_id"},
		{"status=handing_over", http.StatusUnprocessableEntity, "invalid", "status"},
		{"page_size=201", http.StatusUnprocessableEntity, "invalid", "page_size"},
		{"page_token=AAAA", http.StatusBadRequest, "malformed", "page_token"},
	} {
		s.staff().Get("/api/v1/shipments?"+c.query).Problem(c.status, c.code, c.field)
	}
}
