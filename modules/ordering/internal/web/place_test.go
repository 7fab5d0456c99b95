package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/checkout"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/web"
	"github.com/pangaea-shop/pangaea/platform/money"
)

func TestACustomerPlacesAnOrder(t *testing.T) {
	shop := open(t)
	var placed web.Summary

	answer := keyed(shop.customer("ada")).Post("/api/v1/orders", wish(object{
		"expected_total": gbp(4498),
		"items":          []object{{"sku": "mug", "quantity": 2}, {"sku": "PLATE", "quantity": 1}},
	})).Require(http.StatusAccepted).Into(&placed)

	require.Equal(t, "/api/v1/orders/"+placed.ID, answer.Header.Get("Location"))
	require.Equal(t, "placed", placed.Status)
	require.Equal(t, money.New(4498, "GBP"), placed.Total)
	var o web.Order
	shop.customer("ada").Get(answer.Header.Get("Location")).Require(http.StatusOK).Into(&o)
	require.Equal(t, placed, o.Summary)
	require.Equal(t, "ada", o.CustomerID)
	require.Equal(t, "the MUG", o.Lines[0].Name)
	require.Equal(t, "PLATE", o.Lines[1].SKU)
	require.Equal(t, "London", o.ShippingAddress.City)
	require.Equal(t, "we have your order", o.History[0].Note)
	require.NotContains(t, string(shop.staff().Get(answer.Header.Get("Location")).Body), "tok_approve")
}

func TestTheSameRequestAgainIsTheSameOrder(t *testing.T) {
	shop := open(t)
	ada := keyed(shop.customer("ada"))
	first := ada.Post("/api/v1/orders", wish(nil)).Require(http.StatusAccepted)
	again := ada.Post("/api/v1/orders", wish(nil)).Require(http.StatusAccepted)
	require.Equal(t, string(first.Body), string(again.Body))
	require.Equal(t, first.Header.Get("Location"), again.Header.Get("Location"))
	ada.Post("/api/v1/orders", wish(object{"expected_total": gbp(3998)})).Problem(http.StatusUnprocessableEntity, "idempotency-key-reused")
	shop.customer("ada").Post("/api/v1/orders", wish(nil)).Problem(http.StatusBadRequest, "idempotency-key-required")
}

func TestAnotherTotalThanExpectedIsAConflict(t *testing.T) {
	var told struct {
		Expected, Actual money.Money
		Lines            []checkout.LinePrice
	}

	answer := keyed(open(t).customer("ada")).Post("/api/v1/orders", wish(object{"expected_total": gbp(1)}))

	answer.Problem(http.StatusConflict, "price-changed")
	answer.Into(&told)
	require.Equal(t, money.New(3998, "GBP"), told.Actual)
	require.Equal(t, money.New(1, "GBP"), told.Expected)
	require.Equal(t, money.New(1999, "GBP"), told.Lines[0].UnitPrice)
}

func TestBadOrdersNameTheField(t *testing.T) {
	shop := open(t)
	address := func(field string, value any) object {
		a := object{"name": "Ada", "line1": "1 Main Street", "city": "London", "postal_code": "N1", "country": "GB"}
		a[field] = value
		return object{"shipping_address": a}
	}
	item := func(sku, quantity any) object { return object{"items": []object{{"sku": sku, "quantity": quantity}}} }
	for name, c := range map[string]struct {
		change object
		field  string
	}{
		"no items":             {object{"items": []object{}}, "items"},
		"items null":           {object{"items": nil}, "items"},
		"too many items":       {object{"items": make([]object, 2001)}, "items"},
		"unknown product":      {item("CUP", 1), "items[0].sku"},
		"strange product":      {item("no way", 1), "items[0].sku"},
		"quantity zero":        {item("MUG", 0), "items[0].quantity"},
		"quantity negative":    {item("MUG", -1), "items[0].quantity"},
		"quantity too large":   {item("MUG", 1000001), "items[0].quantity"},
		"quantity of a half":   {item("MUG", 1.5), "items[0].quantity"},
		"quantity as text":     {item("MUG", "1"), "items[0].quantity"},
		"no card":              {object{"payment": object{}}, "payment.card_token"},
		"long card":            {object{"payment": object{"card_token": strings.Repeat("x", 201)}}, "payment.card_token"},
		"unknown field":        {object{"status": "paid"}, "status"},
		"empty name":           {address("name", ""), "shipping_address.name"},
		"control in name":      {address("name", "A\x01"), "shipping_address.name"},
		"long city":            {address("city", strings.Repeat("x", 101)), "shipping_address.city"},
		"country in small":     {address("country", "gb"), "shipping_address.country"},
		"country in three":     {address("country", "GBR"), "shipping_address.country"},
		"total without amount": {object{"expected_total": object{"currency": "GBP"}}, "expected_total.amount"},
	} {
		t.Run(name, func(t *testing.T) {
			problem := keyed(shop.customer("ada")).Post("/api/v1/orders", wish(c.change)).
				Require(http.StatusUnprocessableEntity)
			require.Contains(t, string(problem.Body), `"field":"`+c.field+`"`)
		})
	}
	keyed(shop.customer("ada")).Post("/api/v1/orders", `{"items":`).Problem(http.StatusBadRequest, "malformed")
}

func TestWhatOnlyStaffMaySay(t *testing.T) {
	keyed(open(t).customer("ada")).Post("/api/v1/orders", wish(object{
		"customer_id": "ada", "reference": "1",
		"adjustments": []object{{"kind": "discount", "code": "ALL", "description": "", "amount": gbp(3998)}},
		"items":       []object{{"sku": "MUG", "quantity": 2, "unit_price": gbp(1)}},
	})).Problem(http.StatusUnprocessableEntity, "invalid", "customer_id", "reference", "adjustments", "items[0].unit_price")
}

func TestStaffOrderForOthers(t *testing.T) {
	shop := open(t)
	imported := wish(object{
		"customer_id": "bob", "reference": "536365",
		"adjustments": []object{{"kind": "fee", "code": "POST", "description": "by post", "amount": gbp(350)}},
		"items":       []object{{"sku": "MUG", "quantity": 2, "unit_price": gbp(255)}},
	})
	var first, again web.Summary

	keyed(shop.staff()).Post("/api/v1/orders", imported).Require(http.StatusAccepted).Into(&first)
	keyed(shop.staff()).Post("/api/v1/orders", imported).Require(http.StatusAccepted).Into(&again)

	require.Equal(t, first, again, "the same reference is the same order under any key")
	require.Equal(t, money.New(860, "GBP"), first.Total)
	require.Equal(t, "bob", first.CustomerID)
	shop.customer("bob").Get("/api/v1/orders/" + first.ID).Require(http.StatusOK)
	imported["items"] = []object{{"sku": "MUG", "quantity": 3}}
	keyed(shop.staff()).Post("/api/v1/orders", imported).Problem(http.StatusConflict, "reference-taken")
	require.Equal(t, []string{"order.place", "order.place"}, shop.audited(t))
}

func TestStaffOrderForGuestsThemselvesAndNobodyElse(t *testing.T) {
	shop := open(t)
	var o web.Summary
	keyed(shop.staff()).Post("/api/v1/orders", wish(object{"customer_id": "guest"})).Require(http.StatusAccepted).Into(&o)
	require.Equal(t, "guest", o.CustomerID)
	keyed(shop.staff()).Post("/api/v1/orders", wish(nil)).Require(http.StatusAccepted).Into(&o)
	require.Equal(t, "staff", o.CustomerID)
	keyed(shop.staff()).Post("/api/v1/orders", wish(object{"customer_id": "nobody"})).
		Problem(http.StatusUnprocessableEntity, "invalid", "customer_id")
}

func TestStaffsNumbersAreCheckedToo(t *testing.T) {
	shop := open(t)
	price := func(p object) object {
		return object{"items": []object{{"sku": "MUG", "quantity": 1000000, "unit_price": p}}}
	}
	for name, c := range map[string]struct {
		change object
		field  string
	}{
		"overflow":           {price(gbp(9223372036854775807)), "items[0]"},
		"negative price":     {price(gbp(-1)), "items[0].unit_price"},
		"another currency":   {price(object{"amount": 1, "currency": "EUR"}), "items[0].unit_price"},
		"more off than owed": {object{"adjustments": []object{{"kind": "discount", "code": "X", "description": "", "amount": gbp(3999)}}}, "adjustments"},
		"a strange kind":     {object{"adjustments": []object{{"kind": "tip", "code": "X", "description": "", "amount": gbp(1)}}}, "adjustments[0].kind"},
	} {
		t.Run(name, func(t *testing.T) {
			keyed(shop.staff()).Post("/api/v1/orders", wish(c.change)).Problem(http.StatusUnprocessableEntity, "invalid", c.field)
		})
	}
}
