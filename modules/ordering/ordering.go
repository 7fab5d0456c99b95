// Package ordering is what other modules may know about ordering: the events it announces. Every
// participant of a checkout hears ordering alone about it, so cause and effect arrive in order.
//
//	OrderPlaced ─▶ OrderReserved ─▶ OrderConfirmed ─▶ OrderPaid ─▶ OrderCompleted
//	       └──────────────┴───────────────┴─▶ OrderCancelled
package ordering

// Money is an amount in minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// A Line is a quantity of one product in an order or a return.
type Line struct {
	LineID   string `json:"line_id"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// An Address is where an order goes.
type Address struct {
	Name       string `json:"name"`
	Line1      string `json:"line1"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// OrderPlaced announces a new order that waits for its goods.
type OrderPlaced struct {
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
	Lines      []Line `json:"lines"`
}

// OrderReserved announces an order whose goods are set aside and that waits for its money.
type OrderReserved struct {
	OrderID      string `json:"order_id"`
	CustomerID   string `json:"customer_id"`
	Total        Money  `json:"total"`
	PaymentToken string `json:"payment_token"`
}

// OrderConfirmed announces that the money is authorized: the sale stands and the money may be captured.
type OrderConfirmed struct {
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
	Total      Money  `json:"total"`
}

// OrderPaid announces that the money is captured and the goods may leave the house.
type OrderPaid struct {
	OrderID    string  `json:"order_id"`
	CustomerID string  `json:"customer_id"`
	Address    Address `json:"address"`
	Lines      []Line  `json:"lines"`
}

// CancellationRequested asks shipping to keep back an order that is paid and may be on its way.
type CancellationRequested struct {
	OrderID string `json:"order_id"`
}

// CancellationRefused announces that a cancellation came too late: the goods are on their way.
type CancellationRefused struct {
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
}

// Why an order was cancelled.
const (
	OutOfStock      = "out_of_stock"
	PaymentDeclined = "payment_declined"
	PaymentFailed   = "payment_failed"
	ByCustomer      = "customer"
	TimedOut        = "timed_out"
)

// OrderCancelled announces that an order is given up. Goods and money go back.
type OrderCancelled struct {
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
	Reason     string `json:"reason"`
}

// OrderCompleted announces that an order has arrived.
type OrderCompleted struct {
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
}

// ReturnAccepted announces that goods of an order came back: Lines go to stock, Amount goes to the customer.
type ReturnAccepted struct {
	ReturnID   string `json:"return_id"`
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
	Lines      []Line `json:"lines"`
	Amount     Money  `json:"amount"`
}

// EventName is the event's name on the wire. It never changes.
func (OrderPlaced) EventName() string { return "ordering.OrderPlaced" }

// EventName is the event's name on the wire. It never changes.
func (OrderReserved) EventName() string { return "ordering.OrderReserved" }

// EventName is the event's name on the wire. It never changes.
func (OrderConfirmed) EventName() string { return "ordering.OrderConfirmed" }

// EventName is the event's name on the wire. It never changes.
func (OrderPaid) EventName() string { return "ordering.OrderPaid" }

// EventName is the event's name on the wire. It never changes.
func (CancellationRequested) EventName() string { return "ordering.CancellationRequested" }

// EventName is the event's name on the wire. It never changes.
func (CancellationRefused) EventName() string { return "ordering.CancellationRefused" }

// EventName is the event's name on the wire. It never changes.
func (OrderCancelled) EventName() string { return "ordering.OrderCancelled" }

// EventName is the event's name on the wire. It never changes.
func (OrderCompleted) EventName() string { return "ordering.OrderCompleted" }

// EventName is the event's name on the wire. It never changes.
func (ReturnAccepted) EventName() string { return "ordering.ReturnAccepted" }

// EventKey orders events of one order.
func (e OrderPlaced) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e OrderReserved) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e OrderConfirmed) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e OrderPaid) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e CancellationRequested) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e CancellationRefused) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e OrderCancelled) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e OrderCompleted) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e ReturnAccepted) EventKey() string { return e.OrderID }
