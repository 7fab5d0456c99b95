package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	catalogsql "github.com/pangaea-shop/pangaea/migrations/catalog"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/web"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver/httpservertest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

type body = map[string]any

type product struct {
	SKU, Name, Description, Category string
	Price                            struct {
		Amount   int64
		Currency string
	}
	Available *int64
	Withdrawn bool
}

type page struct {
	Items         []product
	NextPageToken string `json:"next_page_token"`
}

type shop struct {
	*httpservertest.Client
	staff        *httpservertest.Client
	availability *store.Availability
}

func open(t *testing.T) shop {
	t.Helper()
	db := databasetest.Open(t, "catalog", catalogsql.Files)
	client := httpservertest.New(t, web.NewProducts(store.NewProducts(db, outbox.New(db, nil))).Mount)
	return shop{client, client.As("sam", auth.RoleStaff), store.NewAvailability(db)}
}

func mug() body {
	return body{
		"sku": "mug-1", "name": "Harbour Mug", "description": "Stoneware.", "category": "Kitchen",
		"price": body{"amount": 1450, "currency": "GBP"},
	}
}

func TestAProductIsListedChangedAndWithdrawn(t *testing.T) {
	s := open(t)

	var listed product
	answer := s.staff.Post("/api/v1/products", mug()).Require(http.StatusCreated).Into(&listed)
	require.Equal(t, "/api/v1/products/MUG-1", answer.Header.Get("Location"))
	require.Equal(t, "MUG-1", listed.SKU)
	require.Contains(t, string(answer.Body), `"available":null`)
	s.staff.Post("/api/v1/products", mug()).Require(http.StatusOK)
	other := mug()
	other["name"] = "Another Mug"
	s.staff.Post("/api/v1/products", other).Problem(http.StatusConflict, "product-exists")

	var changed product
	s.staff.Patch("/api/v1/products/mug-1", body{"price": body{"amount": 1500, "currency": "GBP"}}).Require(http.StatusOK).Into(&changed)
	require.Equal(t, int64(1500), changed.Price.Amount)
	require.Equal(t, "Harbour Mug", changed.Name)

	require.NoError(t, s.availability.StockLevelChanged(t.Context(), &inventory.StockLevelChanged{SKU: "MUG-1", Available: 3}))
	var shown product
	s.Get("/api/v1/products/Mug-1").Require(http.StatusOK).Into(&shown)
	require.Equal(t, int64(3), *shown.Available)

	s.staff.Delete("/api/v1/products/MUG-1").Require(http.StatusNoContent)
	s.staff.Delete("/api/v1/products/MUG-1").Require(http.StatusNoContent)
	s.staff.Patch("/api/v1/products/MUG-1", body{"name": "Gone"}).Problem(http.StatusConflict, "product-withdrawn")
	s.Get("/api/v1/products/MUG-1").Require(http.StatusOK).Into(&shown)
	require.True(t, shown.Withdrawn)
	var none page
	require.Empty(t, s.find(t, nil, &none))
	s.staff.Post("/api/v1/products", other).Require(http.StatusCreated)
}

func (s shop) find(t *testing.T, query url.Values, into *page) []string {
	t.Helper()
	*into = page{}
	s.Get("/api/v1/products?" + query.Encode()).Require(http.StatusOK).Into(into)
	var skus []string
	for _, p := range into.Items {
		skus = append(skus, p.SKU)
	}
	return skus
}

func TestBrowsing(t *testing.T) {
	s := open(t)
	for i, sku := range []string{"C", "A", "E", "B", "D"} {
		p := mug()
		p["sku"], p["name"], p["price"] = sku, "Mug no."+sku, body{"amount": 100 * (i + 1), "currency": "GBP"}
		s.staff.Post("/api/v1/products", p).Require(http.StatusCreated)
	}
	var p page
	require.Equal(t, []string{"A", "B", "C", "D", "E"}, s.find(t, nil, &p))
	require.Empty(t, p.NextPageToken)
	require.Equal(t, []string{"E"}, s.find(t, url.Values{"q": {"NO.E  mug"}, "category": {"Kitchen"}}, &p))
	require.Empty(t, s.find(t, url.Values{"category": {"Play"}}, &p))
	require.NotNil(t, p.Items, "an empty list is a list")
	require.Equal(t, []string{"D", "B", "E", "A", "C"}, s.find(t, url.Values{"sort": {"newest"}}, &p))

	query := url.Values{"sort": {"price"}, "page_size": {"2"}}
	require.Equal(t, []string{"C", "A"}, s.find(t, query, &p))
	query.Set("page_token", p.NextPageToken)
	require.Equal(t, []string{"E", "B"}, s.find(t, query, &p))
	query.Set("sort", "name")
	s.Get("/api/v1/products?"+query.Encode()).Problem(http.StatusBadRequest, "malformed")

	answer := s.Get("/api/v1/categories").Require(http.StatusOK)
	require.JSONEq(t, `{"items":[{"name":"Kitchen","products":5}]}`, string(answer.Body))
}

func TestOnlyStaffChangeProducts(t *testing.T) {
	s := open(t)
	s.staff.Post("/api/v1/products", mug()).Require(http.StatusCreated)
	for _, call := range []struct {
		method, path string
		body         any
	}{
		{http.MethodPost, "/api/v1/products", mug()},
		{http.MethodPatch, "/api/v1/products/MUG-1", body{"name": "Mine"}},
		{http.MethodDelete, "/api/v1/products/MUG-1", nil},
	} {
		t.Run(call.method, func(t *testing.T) {
			s.Do(call.method, call.path, call.body).Require(http.StatusUnauthorized)
			s.As("eve").Do(call.method, call.path, call.body).Require(http.StatusForbidden)
			s.As("eve", auth.RoleCustomer).Do(call.method, call.path, call.body).Require(http.StatusForbidden)
		})
	}
	var shown product
	s.Get("/api/v1/products/MUG-1").Require(http.StatusOK).Into(&shown)
	require.Equal(t, "Harbour Mug", shown.Name)
	require.False(t, shown.Withdrawn)
}

func TestProductsThatAreWrongNameTheField(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct {
		key   string
		value any
		field string
	}{
		"no such form of SKU":   {"sku", "MUG 1", "sku"},
		"a SKU that is folded":  {"sku", "ſ", "sku"},
		"a long SKU":            {"sku", strings.Repeat("A", 33), "sku"},
		"no name":               {"name", "", "name"},
		"a blank name":          {"name", "   ", "name"},
		"a long name":           {"name", strings.Repeat("é", 201), "name"},
		"a control character":   {"description", "a\x01b", "description"},
		"a long description":    {"description", strings.Repeat("a", 4001), "description"},
		"a long category":       {"category", strings.Repeat("a", 61), "category"},
		"a negative price":      {"price", body{"amount": -1, "currency": "GBP"}, "price.amount"},
		"a huge price":          {"price", body{"amount": int64(1) << 62, "currency": "GBP"}, "price.amount"},
		"half a penny":          {"price", body{"amount": 1.5, "currency": "GBP"}, "price.amount"},
		"a price in words":      {"price", body{"amount": "100", "currency": "GBP"}, "price.amount"},
		"another currency":      {"price", body{"amount": 1, "currency": "EUR"}, "price.currency"},
		"no currency":           {"price", body{"amount": 1}, "price.currency"},
		"what is not for staff": {"available", 1000, "available"},
		"a version":             {"version", 7, "version"},
		"other case":            {"Withdrawn", true, "Withdrawn"},
	} {
		t.Run(name, func(t *testing.T) {
			p := mug()
			p[c.key] = c.value
			s.staff.Post("/api/v1/products", p).Problem(http.StatusUnprocessableEntity, "invalid", c.field)
		})
	}
	s.Get("/api/v1/products/MUG-1").Problem(http.StatusNotFound, "not-found")
}

func TestQuestionsThatAreWrong(t *testing.T) {
	s := open(t)
	for query, status := range map[string]int{
		"page_size=0":                         http.StatusUnprocessableEntity,
		"page_size=1000000000":                http.StatusUnprocessableEntity,
		"page_size=ten":                       http.StatusUnprocessableEntity,
		"page_token=nonsense":                 http.StatusBadRequest,
		"sort=sku%20desc":                     http.StatusUnprocessableEntity,
		"q=" + strings.Repeat("a", 101):       http.StatusUnprocessableEntity,
		"q=a+b+c+d+e+f+g+h+i+j+k":             http.StatusUnprocessableEntity,
		"q=%01":                               http.StatusBadRequest,
		"q=%00":                               http.StatusBadRequest,
		"q=%ff":                               http.StatusBadRequest,
		"category=%01":                        http.StatusBadRequest,
		"category=" + strings.Repeat("a", 61): http.StatusUnprocessableEntity,
	} {
		t.Run(query[:min(len(query), 20)], func(t *testing.T) { s.Get("/api/v1/products?" + query).Require(status) })
	}
	s.Get("/api/v1/products/nothing-here").Problem(http.StatusNotFound, "not-found")
	s.staff.Patch("/api/v1/products/NOTHING", body{"name": "x"}).Problem(http.StatusNotFound, "not-found")
	s.staff.Delete("/api/v1/products/NOTHING").Problem(http.StatusNotFound, "not-found")
	s.staff.Patch("/api/v1/products/NOTHING", body{"sku": "OTHER"}).Problem(http.StatusUnprocessableEntity, "invalid", "sku")
	s.staff.Post("/api/v1/products", `{"sku":`).Require(http.StatusBadRequest)
}
