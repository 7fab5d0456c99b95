package stock

import (
	"maps"
	"math"
	"slices"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Pieces are quantities by SKU, each above zero.
type Pieces map[string]int64

// Add counts further pieces of a product.
func (p Pieces) Add(sku string, quantity int64) error {
	if quantity <= 0 || p[sku] > math.MaxInt64-quantity {
		return fault.New(fault.Invalid, "%d more pieces of %s cannot be counted", quantity, sku)
	}
	p[sku] += quantity
	return nil
}

// SKUs returns the products in their order, which is the order in which levels are locked.
func (p Pieces) SKUs() []string { return slices.Sorted(maps.Keys(p)) }
