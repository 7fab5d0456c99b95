// Package payments is what other modules may know about payments: the events it announces.
package payments

// Money is an amount in minor units of an ISO 4217 currency.
type Money struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// PaymentAuthorized announces that the money of an order is held by the provider.
type PaymentAuthorized struct {
	OrderID   string `json:"order_id"`
	PaymentID string `json:"payment_id"`
}

// PaymentDeclined announces that the provider refuses to hold the money of an order.
type PaymentDeclined struct {
	OrderID   string `json:"order_id"`
	PaymentID string `json:"payment_id"`
	Reason    string `json:"reason"`
}

// PaymentCaptured announces that the money of an order has been taken.
type PaymentCaptured struct {
	OrderID   string `json:"order_id"`
	PaymentID string `json:"payment_id"`
	Amount    Money  `json:"amount"`
}

// PaymentCaptureFailed announces that authorized money could not be taken.
type PaymentCaptureFailed struct {
	OrderID   string `json:"order_id"`
	PaymentID string `json:"payment_id"`
	Reason    string `json:"reason"`
}

// PaymentVoided announces that no money is held or kept for a cancelled order. It answers an
// OrderCancelled of which nothing had been captured, also where there was no payment at all.
type PaymentVoided struct {
	OrderID string `json:"order_id"`
}

// PaymentRefunded announces that money went back to the customer: for a return, or, where ReturnID is
// empty, all of it for a cancelled order.
type PaymentRefunded struct {
	OrderID    string `json:"order_id"`
	PaymentID  string `json:"payment_id"`
	ReturnID   string `json:"return_id,omitempty"`
	CustomerID string `json:"customer_id"`
	Amount     Money  `json:"amount"`
}

// PaymentRefundFailed announces that the provider refuses to send money back. Staff have to act.
type PaymentRefundFailed struct {
	OrderID    string `json:"order_id"`
	PaymentID  string `json:"payment_id"`
	ReturnID   string `json:"return_id,omitempty"`
	CustomerID string `json:"customer_id"`
	Amount     Money  `json:"amount"`
	Reason     string `json:"reason"`
}

// EventName is the event's name on the wire. It never changes.
func (PaymentAuthorized) EventName() string { return "payments.PaymentAuthorized" }

// EventName is the event's name on the wire. It never changes.
func (PaymentDeclined) EventName() string { return "payments.PaymentDeclined" }

// EventName is the event's name on the wire. It never changes.
func (PaymentCaptured) EventName() string { return "payments.PaymentCaptured" }

// EventName is the event's name on the wire. It never changes.
func (PaymentCaptureFailed) EventName() string { return "payments.PaymentCaptureFailed" }

// EventName is the event's name on the wire. It never changes.
func (PaymentVoided) EventName() string { return "payments.PaymentVoided" }

// EventName is the event's name on the wire. It never changes.
func (PaymentRefunded) EventName() string { return "payments.PaymentRefunded" }

// EventName is the event's name on the wire. It never changes.
func (PaymentRefundFailed) EventName() string { return "payments.PaymentRefundFailed" }

// EventKey orders events of one order.
func (e PaymentAuthorized) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e PaymentDeclined) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e PaymentCaptured) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e PaymentCaptureFailed) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e PaymentVoided) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e PaymentRefunded) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e PaymentRefundFailed) EventKey() string { return e.OrderID }
