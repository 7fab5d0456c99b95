package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	paymentssql "github.com/pangaea-shop/pangaea/migrations/payments"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/store"
	"github.com/pangaea-shop/pangaea/modules/payments/internal/web"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/httpserver/httpservertest"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

type shop struct {
	*httpservertest.Client
	payments *store.Payments
	audit    *audit.Log
}

func open(t *testing.T) *shop {
	t.Helper()
	db := databasetest.Open(t, "payments", paymentssql.Files)
	s := &shop{payments: store.NewPayments(db, outbox.New(db, nil), tasks.New(db)), audit: audit.New(db)}
	s.Client = httpservertest.New(t, web.NewPayments(s.payments, s.audit).Mount)
	return s
}

func (s *shop) staff() *httpservertest.Client { return s.As("sam", auth.RoleStaff) }

// captured is a paid order of a customer.
func (s *shop) captured(t *testing.T, customer string) (orderID string) {
	t.Helper()
	orderID = uuid.NewString()
	total := money.New(1999, "GBP")
	s.change(t, orderID, func(p *payment.Payment) error { return p.Authorize(customer, total, "tok") })
	s.change(t, orderID, say(payment.Authorize, "", true, total))
	s.change(t, orderID, func(p *payment.Payment) error { return p.Capture(total) })
	s.change(t, orderID, say(payment.Capture, "", true, total))
	return orderID
}

// refused is the refund of a paid order that the provider does not pay.
func (s *shop) refused(t *testing.T, customer string) (orderID, refundID string) {
	t.Helper()
	orderID = s.captured(t, customer)
	back := money.New(500, "GBP")
	s.change(t, orderID, func(p *payment.Payment) error { return p.Return(uuid.NewString(), back) })
	refundID = s.refunds(t, orderID)[0].ID
	s.change(t, orderID, say(payment.PayBack, refundID, false, back))
	return orderID, refundID
}

func (s *shop) refunds(t *testing.T, orderID string) []payment.Refund {
	t.Helper()
	found, err := s.payments.List(t.Context(), store.Query{OrderID: orderID, Limit: 1})
	require.NoError(t, err)
	return found[0].Refunds
}

func (s *shop) change(t *testing.T, orderID string, change func(*payment.Payment) error) {
	t.Helper()
	require.NoError(t, s.payments.Update(t.Context(), orderID, change))
}

func say(call payment.Call, key string, accepted bool, amount money.Money) func(*payment.Payment) error {
	return func(p *payment.Payment) error {
		a := payment.Answer{Call: call, Key: key, PaymentID: p.State().ID, Accepted: accepted, Amount: amount, Reference: uuid.NewString()}
		if key == "" {
			a.Key = a.PaymentID
		}
		p.Hear(a)
		return nil
	}
}

func TestWhoMaySeeAPayment(t *testing.T) {
	s := open(t)
	order := s.captured(t, "ada")
	path := "/api/v1/payments?order_id=" + order

	for _, c := range []struct {
		name   string
		client *httpservertest.Client
		path   string
		status int
		code   string
	}{
		{"nobody", s.Client, path, http.StatusUnauthorized, "unauthenticated"},
		{"somebody else", s.As("eve"), path, http.StatusNotFound, "not-found"},
		{"a customer who does not say which", s.As("ada"), "/api/v1/payments", http.StatusUnprocessableEntity, "invalid"},
	} {
		t.Log(c.name)
		c.client.Get(c.path).Problem(c.status, c.code)
	}

	var seen, seenByStaff httpserver.Page[web.Payment]
	s.As("ada").Get(path).Require(http.StatusOK).Into(&seen)
	require.Len(t, seen.Items, 1)
	require.Equal(t, "captured", seen.Items[0].Status)
	require.Equal(t, money.New(1999, "GBP"), seen.Items[0].Captured)
	require.Equal(t, order, seen.Items[0].OrderID)
	require.Empty(t, seen.Items[0].Refunds)

	entries, err := s.audit.Of(t.Context(), "ada", 10)
	require.NoError(t, err)
	require.Empty(t, entries, "whoever looks at their own is not kept")
	s.staff().Get(path).Require(http.StatusOK).Into(&seenByStaff)
	require.Equal(t, seen, seenByStaff)
	entries, err = s.audit.Of(t.Context(), "ada", 10)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, "payments.read", entries[0].Action)
}

func TestAnOrderWithoutAPaymentHasAnEmptyList(t *testing.T) {
	s := open(t)
	answer := s.As("ada").Get("/api/v1/payments?order_id=" + uuid.NewString()).Require(http.StatusOK)
	require.JSONEq(t, `{"items":[],"next_page_token":""}`, string(answer.Body))
}

func TestStaffPageThroughAllPayments(t *testing.T) {
	s := open(t)
	want := map[string]bool{}
	for i := range 5 {
		want[s.captured(t, fmt.Sprintf("customer %d", i))] = true
	}
	for token := ""; ; {
		var page httpserver.Page[web.Payment]
		s.staff().Get("/api/v1/payments?page_size=2&page_token=" + token).Require(http.StatusOK).Into(&page)
		for _, item := range page.Items {
			require.True(t, want[item.OrderID])
			delete(want, item.OrderID)
		}
		if token = page.NextPageToken; token == "" {
			break
		}
	}
	require.Empty(t, want)
}

func TestBadInput(t *testing.T) {
	s := open(t)
	for _, c := range []struct {
		path   string
		status int
		code   string
		field  string
	}{
		{"/api/v1/payments?order_id=" + strings.Repeat("x", 65), http.StatusUnprocessableEntity, "invalid", "order_id"},
		{"/api/v1/payments?page_size=0", http.StatusUnprocessableEntity, "invalid", "page_size"},
		{"/api/v1/payments?page_size=201", http.StatusUnprocessableEntity, "invalid", "page_size"},
		{"/api/v1/payments?page_token=AAAA", http.StatusBadRequest, "malformed", "page_token"},
		{"/api/v1/payments?customer_id=ada", http.StatusUnprocessableEntity, "invalid", "customer_id"},
	} {
		s.staff().Get(c.path).Problem(c.status, c.code, c.field)
	}
	s.staff().Post("/api/v1/refunds/"+strings.Repeat("x", 65)+"/retry", nil).Problem(http.StatusUnprocessableEntity, "invalid", "id")
}

func TestStaffTryARefundAgain(t *testing.T) {
	s := open(t)
	order, refund := s.refused(t, "ada")
	path := "/api/v1/refunds/" + refund + "/retry"

	s.Post(path, nil).Problem(http.StatusUnauthorized, "unauthenticated")
	s.As("ada").Post(path, nil).Problem(http.StatusForbidden, "forbidden")
	for _, id := range []string{uuid.NewString(), "42", "' OR 1=1 --"} {
		s.staff().Post("/api/v1/refunds/"+url.PathEscape(id)+"/retry", nil).Problem(http.StatusNotFound, "not-found")
	}
	require.Equal(t, payment.RefundFailed, s.refunds(t, order)[0].Status)

	for range 2 { // once more changes nothing
		var shown web.Refund
		s.staff().Post(path, nil).Require(http.StatusAccepted).Into(&shown)
		require.Equal(t, "requested", shown.Status)
		require.Equal(t, 2, s.refunds(t, order)[0].Attempt)
	}
	entries, err := s.audit.Of(t.Context(), "ada", 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "refund.retry", entries[0].Action)
}

func TestARefundOfMoreThanWasCapturedIsNotTriedAgain(t *testing.T) {
	s := open(t)
	order := s.captured(t, "ada")
	require.NoError(t, s.payments.Update(context.Background(), order, func(p *payment.Payment) error {
		return p.Return(uuid.NewString(), money.New(2000, "GBP"))
	}))
	refund := s.refunds(t, order)[0].ID
	s.staff().Post("/api/v1/refunds/"+refund+"/retry", nil).Problem(http.StatusConflict, "more-than-captured")
}
