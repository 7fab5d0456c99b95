package storefront

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
)

// A card is one that can be tried at the checkout.
type card struct{ Token, Number, What string }

// cards are the test cards of the simulated provider.
var cards = []card{
	{"tok_approve", "4242 4242 4242 4242", "is approved"},
	{"tok_decline", "4000 0000 0000 0002", "is declined"},
	{"tok_capture_fail", "4000 0000 0000 0341", "is approved, and then has no money on it"},
	{"tok_late", "4000 0000 0000 3220", "is answered after the deadline"},
	{"tok_timeout", "4000 0000 0000 0119", "is never answered"},
	{"tok_refund_fail", "4000 0000 0000 5126", "is approved, and refuses the first refund"},
}

type address struct {
	Name       string `json:"name"`
	Line1      string `json:"line1"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// countries are those the form offers; the API takes every country.
var countries = []struct{ Code, Name string }{
	{"GB", "United Kingdom"},
	{"IE", "Ireland"},
	{"DE", "Germany"},
	{"FR", "France"},
	{"NL", "Netherlands"},
	{"BE", "Belgium"},
	{"ES", "Spain"},
	{"IT", "Italy"},
	{"CH", "Switzerland"},
	{"AT", "Austria"},
	{"DK", "Denmark"},
	{"SE", "Sweden"},
	{"NO", "Norway"},
	{"FI", "Finland"},
	{"PL", "Poland"},
	{"PT", "Portugal"},
	{"US", "United States"},
	{"CA", "Canada"},
	{"AU", "Australia"},
	{"NZ", "New Zealand"},
	{"JP", "Japan"},
}

func showCheckout(v *visit) error {
	if len(v.basket) == 0 {
		v.goTo("/basket")
		return nil
	}
	return v.showCheckoutWith(http.StatusOK, address{Country: "GB"}, nil)
}

// showCheckoutWith shows the form as the visitor filled it in.
func (v *visit) showCheckoutWith(status int, to address, refusal *problem) error {
	lines, total, err := v.priced()
	if err != nil {
		return err
	}
	wrong := map[string]string{}
	if refusal != nil {
		for _, e := range refusal.Errors {
			wrong[e.Field] = e.Message
		}
	}
	v.show(status, "checkout", gin.H{
		"Title": "Checkout", "Lines": lines, "Total": total, "Address": to, "Key": v.key(refusal), "Refusal": refusal, "Wrong": wrong,
		"Cards": cards, "Card": v.DefaultPostForm("card", cards[0].Token), "Countries": countries,
	})
	return nil
}

// checkOut places the order at the total the visitor saw; at another one it asks again.
func checkOut(v *visit) error {
	if len(v.basket) == 0 {
		v.goTo("/orders") // the form was sent again after the order had been taken
		return nil
	}
	to := address{
		Name: v.PostForm("name"), Line1: v.PostForm("line1"), Line2: v.PostForm("line2"),
		City: v.PostForm("city"), PostalCode: v.PostForm("postal_code"), Country: v.PostForm("country"),
	}
	expected, err := strconv.ParseInt(v.PostForm("expected_total"), 10, 64)
	if err != nil {
		return &problem{Status: http.StatusUnprocessableEntity, Detail: "the form is not complete; please check out again"}
	}
	items := make([]gin.H, len(v.basket))
	for i, line := range v.basket {
		items[i] = gin.H{"sku": line.SKU, "quantity": line.Quantity}
	}
	var placed order
	err = v.post("/api/v1/orders", gin.H{
		"items": items, "payment": gin.H{"card_token": v.PostForm("card")},
		"shipping_address": to, "expected_total": amount{expected, "GBP"},
	}, &placed, "Idempotency-Key", v.PostForm("key"))
	var refusal *problem
	refused := errors.As(err, &refusal)
	switch {
	case refusal.is("idempotency-key-reused"):
		v.goTo("/orders") // the form has placed an order before
		return nil
	case refused && refusal.Status < http.StatusInternalServerError && refusal.Status != http.StatusUnauthorized:
		return v.showCheckoutWith(refusal.Status, to, refusal)
	case err != nil:
		return err
	}
	v.keep(nil)
	v.goTo("/orders/" + placed.ID)
	return nil
}
