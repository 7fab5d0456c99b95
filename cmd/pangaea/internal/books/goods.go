package books

import "github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"

// stockConservation adds up what there is of each product and what was ever booked. Both are the
// inventory's, read at one moment.
func (c *comparison) stockConservation() {
	for _, f := range c.Levels {
		sold, booked := f.Sold-f.Returned, f.Receipts+f.Adjustments
		if there := f.OnHand + f.Reserved + sold; there != booked {
			c.broken("sku", f.SKU, "%d on hand + %d reserved + %d sold = %d, %d received + %d adjusted = %d",
				f.OnHand, f.Reserved, sold, there, f.Receipts, f.Adjustments, booked)
		}
		if f.Reserved != f.Held {
			c.broken("sku", f.SKU, "%d are reserved, %d are held for orders", f.Reserved, f.Held)
		}
		if f.OnHand < 0 || f.Reserved < 0 || sold < 0 {
			c.broken("sku", f.SKU, "%d on hand, %d reserved, %d sold net of returns: one is negative", f.OnHand, f.Reserved, sold)
		}
	}
}

// goodsOfOrders compares orders with what the inventory holds for them and has sold.
func (c *comparison) goodsOfOrders() {
	for _, o := range c.Orders {
		g, known := c.goods[o.ID]
		if !known {
			g.State = "unknown"
		}
		states, counts := goodsFor(o)
		switch {
		case states == nil || c.telling(o.ID, inventory):
		case !states[g.State]:
			c.broken("order", o.ID, "it is %s, inventory says its goods are %s", o.Status, g.State)
		case counts && (g.Pieces != o.Pieces || g.Returned != o.Returned):
			c.broken("order", o.ID, "%d pieces were ordered and %d came back, inventory says %d and %d",
				o.Pieces, o.Returned, g.Pieces, g.Returned)
		}
	}
	for _, g := range c.Goods {
		if _, known := c.orders[g.OrderID]; !known && !c.telling(g.OrderID, inventory) {
			c.broken("order", g.OrderID, "inventory says its goods are %s, ordering does not know the order", g.State)
		}
	}
}

// goodsFor are the states that an order's goods may be in, nil for any; counts says that they are as many
// as the order's pieces.
func goodsFor(o orderingfx.Figure) (states map[string]bool, counts bool) {
	switch {
	case o.Status == placed:
		return nil, false
	case o.Status == reserved:
		return map[string]bool{"reserved": true}, true
	case o.Status == cancelled && o.StockSettled:
		return map[string]bool{"released": true, "restocked": true}, false
	case o.Status == cancelled:
		return nil, false
	default:
		return map[string]bool{"sold": true}, true
	}
}
