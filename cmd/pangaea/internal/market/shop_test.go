package market_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A stall is a shop in memory that keeps the public API's promises as far as markets need them: names
// are unique, keys are kept, and an order ends as soon as somebody looks at it. The real shop is met in
// the stories.
type stall struct {
	*httptest.Server
	t *testing.T

	mu        sync.Mutex
	products  map[string]bool
	customers map[string]string // id by address
	receipts  map[string]int64  // by SKU and reference
	stock     map[string]int64
	orders    []*shopclient.Order
	returns   []*shopclient.Return
	answers   map[string][]byte // by key
	changes   int               // how often something changed

	refuse   func(r *http.Request) bool // answers 422
	unending bool                       // orders stay placed
}

func openStall(t *testing.T) *stall {
	t.Helper()
	s := &stall{
		t: t, products: map[string]bool{}, customers: map[string]string{}, receipts: map[string]int64{},
		stock: map[string]int64{}, answers: map[string][]byte{},
	}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /api/v1/tokens", func(w http.ResponseWriter, _ *http.Request) {
		tell(w, http.StatusOK, map[string]any{"access_token": "a", "refresh_token": "r", "expires_in": 600})
	})
	routes.HandleFunc("POST /api/v1/products", s.list)
	routes.HandleFunc("POST /api/v1/accounts", s.enter)
	routes.HandleFunc("GET /api/v1/accounts", s.account)
	routes.HandleFunc("POST /api/v1/stock/{sku}/receipts", s.receive)
	routes.HandleFunc("POST /api/v1/orders", s.place)
	routes.HandleFunc("GET /api/v1/orders", s.listOrders)
	routes.HandleFunc("GET /api/v1/orders/{id}", s.show)
	routes.HandleFunc("POST /api/v1/orders/{id}/returns", s.requestReturn)
	routes.HandleFunc("GET /api/v1/returns", s.listReturns)
	routes.HandleFunc("POST /api/v1/returns/{id}/accept", s.accept)
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.refuse != nil && s.refuse(r) {
			problem(w, http.StatusUnprocessableEntity, "invalid")
			return
		}
		routes.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

// meet lets refuse see every request from now on.
func (s *stall) meet(refuse func(*http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

func (s *stall) client() *shopclient.Client {
	s.t.Helper()
	c, err := shopclient.SignIn(s.t.Context(), shopclient.Settings{URL: s.URL, Email: "e", Password: "p", Patience: time.Second})
	require.NoError(s.t, err)
	return c
}

func tell(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func problem(w http.ResponseWriter, status int, code string) {
	tell(w, status, map[string]any{"type": "urn:pangaea:problem:" + code, "detail": code})
}

func asked[T any](r *http.Request) (body T) {
	_ = json.NewDecoder(r.Body).Decode(&body)
	return body
}

func (s *stall) list(w http.ResponseWriter, r *http.Request) {
	p := asked[shopclient.Product](r)
	if s.products[p.SKU] {
		problem(w, http.StatusConflict, "product-exists")
		return
	}
	s.products[p.SKU] = true
	s.changes++
	tell(w, http.StatusCreated, p)
}

func (s *stall) enter(w http.ResponseWriter, r *http.Request) {
	email := asked[map[string]string](r)["email"]
	if s.customers[email] == "" {
		s.customers[email] = fmt.Sprintf("customer-%d", len(s.customers))
		s.changes++
	}
	tell(w, http.StatusCreated, map[string]string{"id": s.customers[email]})
}

func (s *stall) account(w http.ResponseWriter, r *http.Request) {
	items := []map[string]string{}
	if id := s.customers[r.URL.Query().Get("email")]; id != "" {
		items = append(items, map[string]string{"id": id})
	}
	tell(w, http.StatusOK, map[string]any{"items": items})
}

func (s *stall) receive(w http.ResponseWriter, r *http.Request) {
	body := asked[struct {
		Quantity  int64
		Reference string
	}](r)
	sku := r.PathValue("sku")
	switch known, ok := s.receipts[sku+" "+body.Reference]; {
	case ok && known != body.Quantity:
		problem(w, http.StatusConflict, "booked-differently")
		return
	case !ok:
		s.receipts[sku+" "+body.Reference] = body.Quantity
		s.stock[sku] += body.Quantity
		s.changes++
	}
	tell(w, http.StatusCreated, map[string]any{})
}

func (s *stall) place(w http.ResponseWriter, r *http.Request) {
	wanted := asked[shopclient.NewOrder](r)
	require.Equal(s.t, wanted.Reference, r.Header.Get("Idempotency-Key"))
	for _, o := range s.orders {
		if o.Reference == wanted.Reference {
			tell(w, http.StatusAccepted, *o)
			return
		}
	}
	s.changes++
	o := &shopclient.Order{
		ID: fmt.Sprintf("order-%d", len(s.orders)), CustomerID: wanted.CustomerID, Reference: wanted.Reference,
		Status: shopclient.Placed, Total: money.New(0, "GBP"),
	}
	for i, item := range wanted.Items {
		o.Total.Amount += item.Quantity * item.UnitPrice.Amount
		o.Lines = append(o.Lines, shopclient.OrderLine{LineID: fmt.Sprint(i), SKU: item.SKU, Quantity: item.Quantity, UnitPrice: item.UnitPrice})
	}
	for _, a := range wanted.Adjustments {
		if a.Kind == "discount" {
			a.Amount.Amount = -a.Amount.Amount
		}
		o.Total.Amount += a.Amount.Amount
	}
	s.orders = append(s.orders, o)
	tell(w, http.StatusAccepted, *o)
	s.end(o)
}

// end delivers an order if its goods are there, and cancels it otherwise.
func (s *stall) end(o *shopclient.Order) {
	if s.unending {
		return
	}
	o.Settled = true
	wanted := map[string]int64{}
	for _, line := range o.Lines {
		wanted[line.SKU] += line.Quantity
	}
	for sku, n := range wanted {
		if s.stock[sku] < n {
			o.Status, o.CancelReason = shopclient.Cancelled, "out_of_stock"
			return
		}
	}
	for sku, n := range wanted {
		s.stock[sku] -= n
	}
	o.Status = shopclient.Delivered
}

func (s *stall) listOrders(w http.ResponseWriter, r *http.Request) {
	items := []shopclient.Order{}
	for _, o := range s.orders {
		status, reference := r.URL.Query().Get("status"), r.URL.Query().Get("reference")
		if (status == "" || status == string(o.Status)) && (reference == "" || reference == o.Reference) {
			items = append(items, *o)
		}
	}
	tell(w, http.StatusOK, map[string]any{"items": items})
}

func (s *stall) show(w http.ResponseWriter, r *http.Request) { tell(w, http.StatusOK, s.find(r)) }

func (s *stall) find(r *http.Request) *shopclient.Order {
	for _, o := range s.orders {
		if o.ID == r.PathValue("id") {
			return o
		}
	}
	s.t.Errorf("nobody knows %s", r.URL.Path)
	return &shopclient.Order{}
}

func (s *stall) requestReturn(w http.ResponseWriter, r *http.Request) {
	o := s.find(r)
	key := o.ID + r.Header.Get("Idempotency-Key")
	if answer, ok := s.answers[key]; ok {
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(answer)
		return
	}
	s.changes++
	body := asked[struct {
		Items  []shopclient.ReturnItem
		Reason string
	}](r)
	back := &shopclient.Return{
		ID: fmt.Sprintf("return-%d", len(s.returns)), OrderID: o.ID, Status: shopclient.ReturnRequested,
		Reason: body.Reason, Amount: money.New(0, "GBP"),
	}
	for _, item := range body.Items {
		for i := range o.Lines {
			if line := &o.Lines[i]; line.LineID == item.LineID {
				line.Returned += item.Quantity
				require.LessOrEqual(s.t, line.Returned, line.Quantity)
				back.Amount.Amount += item.Quantity * line.UnitPrice.Amount
				s.stock[line.SKU] += item.Quantity
			}
		}
	}
	s.returns = append(s.returns, back)
	s.answers[key], _ = json.Marshal(back)
	tell(w, http.StatusCreated, back)
}

func (s *stall) listReturns(w http.ResponseWriter, r *http.Request) {
	items := []*shopclient.Return{}
	for _, back := range s.returns {
		if status := r.URL.Query().Get("status"); status == "" || status == back.Status {
			items = append(items, back)
		}
	}
	tell(w, http.StatusOK, map[string]any{"items": items})
}

func (s *stall) accept(w http.ResponseWriter, r *http.Request) {
	for _, back := range s.returns {
		if strings.Contains(r.URL.Path, back.ID+"/") {
			if back.Status == shopclient.ReturnRequested {
				back.Status = shopclient.ReturnRefunded
				s.changes++
			}
			tell(w, http.StatusOK, back)
		}
	}
}
