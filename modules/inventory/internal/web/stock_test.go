package web_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	inventorysql "github.com/pangaea-shop/pangaea/migrations/inventory"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/stock"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/store"
	"github.com/pangaea-shop/pangaea/modules/inventory/internal/web"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver/httpservertest"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

type body = map[string]any

type house struct {
	*httpservertest.Client
	stock *store.Stock
	calls int
}

func open(t *testing.T) *house {
	t.Helper()
	db := databasetest.Open(t, "inventory", inventorysql.Files)
	s := store.NewStock(db, outbox.New(db, nil))
	return &house{Client: httpservertest.New(t, web.NewStock(s, idempotency.New(db)).Mount), stock: s}
}

// staff returns a client of staff with a fresh key.
func (h *house) staff() *httpservertest.Client {
	h.calls++
	return h.As("sam", auth.RoleStaff).With("Idempotency-Key", fmt.Sprintf("key-%d", h.calls))
}

const (
	receipts    = "/api/v1/stock/mug/receipts"
	adjustments = "/api/v1/stock/mug/adjustments"
)

func (h *house) requireLevel(t *testing.T, onHand, reserved int) {
	t.Helper()
	want := fmt.Sprintf(`{"sku":"MUG","on_hand":%d,"reserved":%d,"available":%d}`, onHand, reserved, onHand)
	require.JSONEq(t, want, string(h.Get("/api/v1/stock/Mug").Require(http.StatusOK).Body))
}

func TestGoodsComeInOnce(t *testing.T) {
	h := open(t)
	h.Get("/api/v1/stock/MUG").Problem(http.StatusNotFound, "not-found")

	delivery := body{"quantity": 7, "reference": "delivery 1"}
	staff := h.staff()
	first := staff.Post(receipts, delivery).Require(http.StatusCreated)
	require.JSONEq(t, `{"sku":"MUG","on_hand":7,"reserved":0,"available":7}`, string(first.Body))

	require.Equal(t, first.Body, staff.Post(receipts, delivery).Require(http.StatusCreated).Body, "the same request again")
	h.staff().Post(receipts, delivery).Require(http.StatusCreated)
	h.requireLevel(t, 7, 0)
	h.staff().Post(receipts, body{"quantity": 8, "reference": "delivery 1"}).Problem(http.StatusConflict, "booked-differently")
	staff.Post(receipts, body{"quantity": 9}).Problem(http.StatusUnprocessableEntity, "idempotency-key-reused")

	for range 2 {
		h.staff().Post(receipts, body{"quantity": 1}).Require(http.StatusCreated)
	}
	h.requireLevel(t, 9, 0)
}

func TestAnAdjustmentIsNeverBelowWhatIsReserved(t *testing.T) {
	h := open(t)
	h.staff().Post(receipts, body{"quantity": 7}).Require(http.StatusCreated)
	require.NoError(t, h.stock.Update(t.Context(), "o", []string{"MUG"}, func(r *stock.Reservation) error {
		r.Reserve(stock.Pieces{"MUG": 5})
		return nil
	}))

	problem := h.staff().Post(adjustments, body{"quantity": -3, "reason": "broken"}).Problem(http.StatusConflict, "not-enough-stock")
	require.Contains(t, problem.Detail, "only 2 pieces")
	h.staff().Post(adjustments, body{"quantity": -2, "reason": "broken"}).Require(http.StatusCreated)
	h.requireLevel(t, 0, 5)
	h.staff().Post(adjustments, body{"quantity": 4, "reason": "found"}).Require(http.StatusCreated)
	h.requireLevel(t, 4, 5)
}

func TestOnlyStaffBook(t *testing.T) {
	h := open(t)
	for path, sent := range map[string]body{
		receipts:    {"quantity": 7},
		adjustments: {"quantity": 7, "reason": "mine"},
	} {
		h.With("Idempotency-Key", "k").Post(path, sent).Require(http.StatusUnauthorized)
		h.As("eve").With("Idempotency-Key", "k").Post(path, sent).Require(http.StatusForbidden)
		h.As("eve", auth.RoleCustomer).With("Idempotency-Key", "k").Post(path, sent).Require(http.StatusForbidden)
	}
	h.Get("/api/v1/stock/MUG").Require(http.StatusNotFound)
}

func TestBookingsThatAreWrong(t *testing.T) {
	h := open(t)
	for name, c := range map[string]struct {
		path  string
		sent  any
		field string
	}{
		"nothing comes in":    {receipts, body{"quantity": 0}, "quantity"},
		"less than nothing":   {receipts, body{"quantity": -1}, "quantity"},
		"too much":            {receipts, body{"quantity": 1_000_000_001}, "quantity"},
		"the most there is":   {receipts, `{"quantity":9223372036854775807}`, "quantity"},
		"more than there is":  {receipts, `{"quantity":9223372036854775808}`, "quantity"},
		"half a mug":          {receipts, body{"quantity": 1.5}, "quantity"},
		"in words":            {receipts, body{"quantity": "7"}, "quantity"},
		"no quantity":         {receipts, body{"reference": "r"}, "quantity"},
		"a control character": {receipts, body{"quantity": 1, "reference": "a\x01b"}, "reference"},
		"somebody else":       {receipts, body{"quantity": 1, "booked_by": "eve"}, "booked_by"},
		"a level":             {receipts, body{"quantity": 1, "on_hand": 7}, "on_hand"},
		"no adjustment":       {adjustments, body{"quantity": 0, "reason": "r"}, "quantity"},
		"too much is gone":    {adjustments, body{"quantity": -1_000_000_001, "reason": "r"}, "quantity"},
		"no reason":           {adjustments, body{"quantity": 1}, "reason"},
		"an empty reason":     {adjustments, body{"quantity": 1, "reason": ""}, "reason"},
		"no such form of SKU": {"/api/v1/stock/a%20b/receipts", body{"quantity": 1}, "sku"},
	} {
		t.Run(name, func(t *testing.T) {
			h.staff().Post(c.path, c.sent).Problem(http.StatusUnprocessableEntity, "invalid", c.field)
		})
	}
	h.As("sam", auth.RoleStaff).Post(receipts, body{"quantity": 1}).Problem(http.StatusBadRequest, "idempotency-key-required")
	h.staff().Post(receipts, `{"quantity":`).Require(http.StatusBadRequest)
	h.Get("/api/v1/stock/MUG").Problem(http.StatusNotFound, "not-found")
}
