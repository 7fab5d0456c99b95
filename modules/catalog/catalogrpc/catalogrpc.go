// Package catalogrpc lets processes ask the catalog that is in another one. Only main packages import it.
package catalogrpc

import (
	"context"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/platform/rpc"
)

// Server answers other processes with the catalog.Prices of this one.
var Server = fx.Options(fx.Invoke(func(s *rpc.Server, prices catalog.Prices) {
	RegisterPricesServer(s, answers{prices: prices})
}))

// Client provides catalog.Prices: the catalog lives elsewhere.
var Client = fx.Options(fx.Provide(func(peers *rpc.Peers) (catalog.Prices, error) {
	conn, err := peers.Dial("catalog")
	return questions{NewPricesClient(conn)}, err
}))

// answers is catalog.Prices for the wire.
type answers struct {
	UnimplementedPricesServer
	prices catalog.Prices
}

// Quote answers with what the catalog says.
func (a answers) Quote(ctx context.Context, question *QuoteRequest) (*QuoteResponse, error) {
	quotes, err := a.prices.Quote(ctx, question.GetSkus())
	if err != nil {
		return nil, err
	}
	answer := &QuoteResponse{Quotes: make(map[string]*Quote, len(quotes))}
	for sku, q := range quotes {
		price := &Money{Amount: q.Price.Amount, Currency: q.Price.Currency}
		answer.Quotes[sku] = &Quote{Sku: q.SKU, Name: q.Name, Price: price}
	}
	return answer, nil
}

// questions is catalog.Prices from the wire.
type questions struct{ catalog PricesClient }

// Quote asks the catalog.
func (q questions) Quote(ctx context.Context, skus []string) (map[string]catalog.Quote, error) {
	answer, err := q.catalog.Quote(ctx, &QuoteRequest{Skus: skus})
	if err != nil {
		return nil, err
	}
	quotes := make(map[string]catalog.Quote, len(answer.GetQuotes()))
	for sku, q := range answer.GetQuotes() {
		price := catalog.Money{Amount: q.GetPrice().GetAmount(), Currency: q.GetPrice().GetCurrency()}
		quotes[sku] = catalog.Quote{SKU: q.GetSku(), Name: q.GetName(), Price: price}
	}
	return quotes, nil
}
