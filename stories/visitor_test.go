package stories

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A visitor is somebody at the shop's door: nobody in particular, a customer or staff.
type visitor struct {
	shop            *shop
	id              string // account
	email, password string
	token           string
}

// An answer is what the shop said.
type answer struct {
	status int
	header http.Header
	body   []byte
}

type (
	amount struct {
		Amount   int64  `json:"amount"`
		Currency string `json:"currency"`
	}
	page[T any] struct {
		Items         []T    `json:"items"`
		NextPageToken string `json:"next_page_token"`
	}
	line struct {
		LineID    string `json:"line_id"`
		SKU       string `json:"sku"`
		Quantity  int64  `json:"quantity"`
		UnitPrice amount `json:"unit_price"`
		Returned  int64  `json:"returned"`
	}
	order struct {
		ID           string `json:"id"`
		CustomerID   string `json:"customer_id"`
		Status       string `json:"status"`
		CancelReason string `json:"cancel_reason"`
		Lines        []line `json:"lines"`
		Total        amount `json:"total"`
		Refunded     amount `json:"refunded"`
		Settled      bool   `json:"settled"`
		History      []struct {
			Status string `json:"status"`
		} `json:"history"`
		Returns []goodsReturn `json:"returns"`
	}
	goodsReturn struct {
		ID     string `json:"id"`
		Status string `json:"status"`
		Amount amount `json:"amount"`
	}
	product struct {
		SKU       string `json:"sku"`
		Name      string `json:"name"`
		Price     amount `json:"price"`
		Available *int64 `json:"available"`
	}
	stock struct {
		SKU       string `json:"sku"`
		OnHand    int64  `json:"on_hand"`
		Reserved  int64  `json:"reserved"`
		Available int64  `json:"available"`
	}
	problem struct {
		Type      string `json:"type"`
		Status    int    `json:"status"`
		Detail    string `json:"detail"`
		RequestID string `json:"request_id"`
		Errors    []struct {
			Field string `json:"field"`
		} `json:"errors"`
	}
)

var client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128}}

// try sends a request; an error says that nobody answered.
func (v visitor) try(method, path string, body any, headers ...string) (answer, error) {
	var reader io.Reader
	switch body := body.(type) {
	case nil:
	case []byte:
		reader = bytes.NewReader(body)
	default:
		rendered, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		reader = bytes.NewReader(rendered)
	}
	request, err := http.NewRequest(method, v.shop.url+path, reader)
	if err != nil {
		return answer{}, err
	}
	if reader != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if v.token != "" {
		request.Header.Set("Authorization", "Bearer "+v.token)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header[http.CanonicalHeaderKey(headers[i])] = strings.Split(headers[i+1], "\n") // a header may be there twice
	}
	response, err := client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, content}, err
}

// call sends a request, with an Idempotency-Key of its own, and expects an answer.
func (v visitor) call(method, path string, body any, headers ...string) answer {
	v.shop.t.Helper()
	got, err := v.try(method, path, body, append([]string{"Idempotency-Key", uuid.NewString()}, headers...)...)
	require.NoError(v.shop.t, err)
	return got
}

// get reads a thing that has to be there.
func get[T any](v visitor, path string) (thing T) {
	v.shop.t.Helper()
	v.call(http.MethodGet, path, nil).into(v.shop.t, http.StatusOK, &thing)
	return thing
}

// post sends a thing and expects a status.
func post[T any](v visitor, path string, body any, status int) (thing T) {
	v.shop.t.Helper()
	v.call(http.MethodPost, path, body).into(v.shop.t, status, &thing)
	return thing
}

// into checks the status and reads the body.
func (a answer) into(t testing.TB, status int, thing any) {
	t.Helper()
	require.Equal(t, status, a.status, "%s", a.body)
	require.NoError(t, json.Unmarshal(a.body, thing), "%s", a.body)
}

// in is the same visitor for a part of the test.
func (v visitor) in(t testing.TB) visitor {
	v.shop = v.shop.in(t)
	return v
}

// nobody is a visitor who has not signed in.
func (s *shop) nobody() visitor { return visitor{shop: s} }

// staff signs in as the first staff account.
func (s *shop) staff() visitor { return s.signIn(staffEmail, staffPassword) }

// customer registers somebody and signs in.
func (s *shop) customer(name string) visitor {
	s.t.Helper()
	email, password := name+"-"+uuid.NewString()[:8]+"@customers.example", "a password for "+name
	v := s.nobody()
	post[struct{}](v, "/api/v1/accounts", map[string]string{"email": email, "password": password, "name": name}, http.StatusCreated)
	return s.signIn(email, password)
}

// signsIn gets v a new token, as the old one is good for ten minutes, and reports whether it did.
func (v *visitor) signsIn() bool {
	got, err := v.shop.nobody().try(http.MethodPost, "/api/v1/tokens", map[string]string{"email": v.email, "password": v.password})
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	if err != nil || got.status != http.StatusOK || json.Unmarshal(got.body, &tokens) != nil {
		return false
	}
	v.token = tokens.AccessToken
	return true
}

func (s *shop) signIn(email, password string) visitor {
	s.t.Helper()
	v := s.nobody()
	v.email, v.password = email, password
	require.True(s.t, v.signsIn(), "%s cannot sign in", email)
	v.id = get[struct {
		ID string `json:"id"`
	}](v, "/api/v1/accounts/me").ID
	return v
}

// basket is the body of an order.
func basket(card string, items ...any) map[string]any {
	lines := []map[string]any{}
	for i := 0; i+1 < len(items); i += 2 {
		lines = append(lines, map[string]any{"sku": items[i], "quantity": items[i+1]})
	}
	return map[string]any{
		"items":   lines,
		"payment": map[string]string{"card_token": card},
		"shipping_address": map[string]string{
			"name": "Ada Lovelace", "line1": "12 St James's Square", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB",
		},
	}
}

// place orders and expects to be taken.
func (v visitor) place(card string, items ...any) order {
	v.shop.t.Helper()
	return post[order](v, "/api/v1/orders", basket(card, items...), http.StatusAccepted)
}

// follow waits until an order is as it should be.
func (v visitor) follow(id, what string, reached func(order) bool) (now order) {
	v.shop.t.Helper()
	eventually(v.shop.t, func() bool {
		got, err := v.try(http.MethodGet, "/api/v1/orders/"+id, nil)
		now = order{}
		return err == nil && got.status == http.StatusOK && json.Unmarshal(got.body, &now) == nil && reached(now)
	}, "order %s does not get %s: %+v", id, what, &now)
	return now
}

func (v visitor) becomes(id, status string) order {
	v.shop.t.Helper()
	return v.follow(id, status, func(o order) bool { return o.Status == status })
}

func (v visitor) settles(id string) order {
	v.shop.t.Helper()
	return v.follow(id, "settled", func(o order) bool { return o.Settled })
}

// sells lists a product and puts pieces of it on the shelf.
func (v visitor) sells(sku string, pence, pieces int64) {
	v.shop.t.Helper()
	v.call(http.MethodPost, "/api/v1/products", map[string]any{
		"sku": sku, "name": "The " + sku, "description": "Made for this story.", "category": "Stories",
		"price": amount{pence, "GBP"},
	}).expect(v.shop.t, http.StatusCreated)
	if pieces > 0 {
		v.call(http.MethodPost, "/api/v1/stock/"+sku+"/receipts", map[string]any{"quantity": pieces, "reference": "opening " + sku}).
			expect(v.shop.t, http.StatusCreated)
	}
}

// expect checks the status and, of a refusal, that it is a problem document.
func (a answer) expect(t testing.TB, status int) problem {
	t.Helper()
	require.Equal(t, status, a.status, "%s", a.body)
	var p problem
	if status >= 400 {
		require.Equal(t, "application/problem+json", a.header.Get("Content-Type"), "%s", a.body)
		require.NoError(t, json.Unmarshal(a.body, &p))
		require.Equal(t, status, p.Status)
		require.NotEmpty(t, p.Type)
	}
	return p
}
