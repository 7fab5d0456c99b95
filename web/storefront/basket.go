package storefront

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
)

const (
	basketCookie = "pangaea_basket"
	maxLines     = 50
	maxPieces    = 999
)

var validSKU = regexp.MustCompile(`^[A-Z0-9][A-Z0-9_.-]{0,31}$`)

// A basket is what a visitor wants to buy. It lives in a cookie of the browser, so that everybody has
// one without an account, and prices are asked for whenever it is looked at.
type basket []basketLine

type basketLine struct {
	SKU      string
	Quantity int64
}

// readBasket reads the cookie, leaving out what nobody could have put there.
func readBasket(c *gin.Context) (b basket) {
	text, _ := c.Cookie(basketCookie)
	for part := range strings.SplitSeq(text, ",") {
		sku, quantity, _ := strings.Cut(part, ":")
		pieces, err := strconv.ParseInt(quantity, 10, 64)
		if err == nil && len(b) < maxLines {
			b = b.add(sku, pieces)
		}
	}
	return b
}

// add returns the basket with more of a product.
func (b basket) add(sku string, pieces int64) basket {
	if i := slices.IndexFunc(b, func(l basketLine) bool { return l.SKU == sku }); i >= 0 {
		pieces = b[i].Quantity + min(pieces, maxPieces)
	}
	return b.set(sku, pieces)
}

// set returns the basket with so many pieces of a product; none takes it out.
func (b basket) set(sku string, pieces int64) basket {
	rest := slices.DeleteFunc(slices.Clone(b), func(l basketLine) bool { return l.SKU == sku && pieces <= 0 })
	if pieces <= 0 || !validSKU.MatchString(sku) {
		return rest
	}
	pieces = min(pieces, maxPieces)
	if i := slices.IndexFunc(rest, func(l basketLine) bool { return l.SKU == sku }); i >= 0 {
		rest[i].Quantity = pieces
		return rest
	}
	return append(rest, basketLine{sku, pieces})
}

// Pieces is how many things are in the basket.
func (b basket) Pieces() (n int64) {
	for _, line := range b {
		n += line.Quantity
	}
	return n
}

// keep sends the basket to the browser.
func (v *visit) keep(b basket) {
	v.basket = b
	parts := make([]string, len(b))
	for i, line := range b {
		parts[i] = line.SKU + ":" + strconv.FormatInt(line.Quantity, 10)
	}
	http.SetCookie(v.Writer, &http.Cookie{
		Name: basketCookie, Value: url.QueryEscape(strings.Join(parts, ",")), Path: "/", MaxAge: 30 * 24 * 3600,
		HttpOnly: true, Secure: v.Request.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// A pricedLine is a line of the basket at today's price.
type pricedLine struct {
	product
	Quantity int64
	Total    amount
	Gone     bool // no longer on sale
}

// priced asks for today's prices and adds up what can be bought.
func (v *visit) priced() (lines []pricedLine, total amount, err error) {
	total.Currency = "GBP"
	for _, line := range v.basket {
		priced := pricedLine{product: product{SKU: line.SKU, Name: line.SKU}, Quantity: line.Quantity}
		switch err := v.get("/api/v1/products/"+url.PathEscape(line.SKU), &priced.product); {
		case notFound(err), err == nil && priced.Withdrawn:
			priced.Gone = true
		case err != nil:
			return nil, amount{}, err
		default:
			priced.Total = amount{priced.Price.Amount * line.Quantity, priced.Price.Currency}
			total.Amount += priced.Total.Amount
		}
		lines = append(lines, priced)
	}
	return lines, total, nil
}

func showBasket(v *visit) error {
	lines, total, err := v.priced()
	if err != nil {
		return err
	}
	v.show(http.StatusOK, "basket", gin.H{"Title": "Your basket", "Lines": lines, "Total": total})
	return nil
}

// changeBasket adds the product of a form, or sets the quantities of one with a field per product.
func changeBasket(v *visit) error {
	changed := v.basket
	if sku := strings.ToUpper(v.PostForm("add")); sku != "" {
		pieces, err := strconv.ParseInt(v.DefaultPostForm("quantity", "1"), 10, 64)
		if err != nil || pieces < 1 || !validSKU.MatchString(sku) {
			return &problem{Status: http.StatusUnprocessableEntity, Detail: "a quantity is a whole number from 1 to 999"}
		}
		changed = changed.add(sku, pieces)
		if len(changed) > maxLines {
			return &problem{Status: http.StatusUnprocessableEntity, Detail: "a basket holds at most 50 different things; please order these first"}
		}
	}
	for _, line := range v.basket {
		text, ok := v.GetPostForm("quantity-" + line.SKU)
		if !ok {
			continue
		}
		pieces, err := strconv.ParseInt(text, 10, 64)
		if err != nil || pieces < 0 {
			return &problem{Status: http.StatusUnprocessableEntity, Detail: "a quantity is a whole number from 0 to 999"}
		}
		changed = changed.set(line.SKU, pieces)
	}
	if sku := v.PostForm("remove"); sku != "" {
		changed = changed.set(sku, 0)
	}
	v.keep(changed)
	v.goTo("/basket")
	return nil
}
