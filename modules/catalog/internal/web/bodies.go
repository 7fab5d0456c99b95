package web

import (
	"strings"

	"github.com/pangaea-shop/pangaea/modules/catalog/internal/product"
	"github.com/pangaea-shop/pangaea/modules/catalog/internal/store"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/money"
)

type searchInput struct {
	httpserver.PageRequest
	Q        string `query:"q" maxLength:"100" doc:"Words that all occur in the name, the description or the SKU, in whatever case"`
	Category string `query:"category" maxLength:"60" doc:"Only products of this category"`
	Sort     string `query:"sort" enum:"name,price,newest" default:"name" doc:"What the list is ordered by"`
}

type searchOutput struct {
	Body httpserver.Page[productBody]
}

// A ProductPath names a product in the address.
type ProductPath struct {
	SKU string `path:"sku" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$" doc:"The product, in whatever case"`
}

func (p ProductPath) sku() string { return strings.ToUpper(p.SKU) }

type productOutput struct {
	Body productBody
}

type listInput struct {
	Body listBody
}

type listBody struct {
	SKU         string    `json:"sku" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9][A-Za-z0-9_.-]*$" doc:"Folded to upper case" example:"MUG-HARBOUR"`
	Name        string    `json:"name" minLength:"1" maxLength:"200"`
	Description string    `json:"description,omitempty" maxLength:"4000"`
	Category    string    `json:"category,omitempty" maxLength:"60" example:"Kitchen"`
	Price       priceBody `json:"price"`
}

type listOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     productBody
}

type reviseInput struct {
	ProductPath
	Body reviseBody
}

type reviseBody struct {
	Name        *string    `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Description *string    `json:"description,omitempty" maxLength:"4000"`
	Category    *string    `json:"category,omitempty" maxLength:"60"`
	Price       *priceBody `json:"price,omitempty"`
}

type priceBody struct {
	Amount   int64  `json:"amount" minimum:"0" maximum:"1000000000" doc:"Amount in minor units" example:"1999"`
	Currency string `json:"currency" enum:"GBP" doc:"ISO 4217 code of the shop's currency"`
}

type productBody struct {
	SKU         string      `json:"sku"`
	Name        string      `json:"name"`
	Description string      `json:"description"`
	Category    string      `json:"category"`
	Price       money.Money `json:"price"`
	Available   *int64      `json:"available" doc:"How many can be bought; null if there never was stock of it"`
	Withdrawn   bool        `json:"withdrawn" doc:"No longer on sale"`
}

type categoriesOutput struct {
	Body categoriesBody
}

type categoriesBody struct {
	Items []categoryBody `json:"items"`
}

type categoryBody struct {
	Name     string `json:"name"`
	Products int64  `json:"products" doc:"How many products of it are on sale"`
}

func (b listBody) content() product.Content {
	return product.Content{Name: b.Name, Description: b.Description, Category: b.Category, Price: money.Money(b.Price)}
}

func (b reviseBody) revision() product.Revision {
	return product.Revision{Name: b.Name, Description: b.Description, Category: b.Category, Price: (*money.Money)(b.Price)}
}

func shown(l store.Listing) productBody {
	return productBody{
		SKU: l.SKU, Name: l.Name, Description: l.Description, Category: l.Category,
		Price: l.Price, Available: l.Available, Withdrawn: l.Withdrawn,
	}
}

func shownPage(page httpserver.Page[store.Listing]) httpserver.Page[productBody] {
	items := make([]productBody, len(page.Items))
	for i, l := range page.Items {
		items[i] = shown(l)
	}
	return httpserver.Page[productBody]{Items: items, NextPageToken: page.NextPageToken}
}

func shownCategories(found []store.Category) categoriesBody {
	items := make([]categoryBody, len(found))
	for i, c := range found {
		items[i] = categoryBody(c)
	}
	return categoriesBody{Items: items}
}
