// Package inventory is what other modules may know about the stock: the events it announces.
package inventory

// StockReserved announces that every line of an order is set aside for it.
type StockReserved struct {
	OrderID string `json:"order_id"`
}

// StockRejected announces that an order cannot be had as a whole. Nothing is set aside for it.
type StockRejected struct {
	OrderID string    `json:"order_id"`
	Missing []Missing `json:"missing"`
}

// Missing is a product of which an order wants more than there is.
type Missing struct {
	SKU       string `json:"sku"`
	Wanted    int64  `json:"wanted"`
	Available int64  `json:"available"`
}

// StockReleased announces that nothing is held for a cancelled order any more: what was reserved is
// free again and what was sold is back on hand. It answers every OrderCancelled, also where nothing was held.
type StockReleased struct {
	OrderID string `json:"order_id"`
}

// StockLevelChanged announces how much of a product there is.
type StockLevelChanged struct {
	SKU       string `json:"sku"`
	OnHand    int64  `json:"on_hand"`
	Reserved  int64  `json:"reserved"`
	Available int64  `json:"available"`
}

// EventName is the event's name on the wire. It never changes.
func (StockReserved) EventName() string { return "inventory.StockReserved" }

// EventKey orders events of one order.
func (e StockReserved) EventKey() string { return e.OrderID }

// EventName is the event's name on the wire. It never changes.
func (StockRejected) EventName() string { return "inventory.StockRejected" }

// EventKey orders events of one order.
func (e StockRejected) EventKey() string { return e.OrderID }

// EventName is the event's name on the wire. It never changes.
func (StockReleased) EventName() string { return "inventory.StockReleased" }

// EventKey orders events of one order.
func (e StockReleased) EventKey() string { return e.OrderID }

// EventName is the event's name on the wire. It never changes.
func (StockLevelChanged) EventName() string { return "inventory.StockLevelChanged" }

// EventKey orders events of one product.
func (e StockLevelChanged) EventKey() string { return e.SKU }
