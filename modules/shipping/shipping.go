// Package shipping is what other modules may know about shipping: the events it announces.
package shipping

// ShipmentDispatched announces that an order's goods have left the house.
type ShipmentDispatched struct {
	ShipmentID     string `json:"shipment_id"`
	OrderID        string `json:"order_id"`
	CustomerID     string `json:"customer_id"`
	TrackingNumber string `json:"tracking_number"`
}

// ShipmentDelivered announces that an order's goods have arrived.
type ShipmentDelivered struct {
	ShipmentID string `json:"shipment_id"`
	OrderID    string `json:"order_id"`
	CustomerID string `json:"customer_id"`
}

// ShipmentCancelled announces that an order's goods stay in the house.
type ShipmentCancelled struct {
	ShipmentID string `json:"shipment_id"`
	OrderID    string `json:"order_id"`
}

// EventName is the event's name on the wire. It never changes.
func (ShipmentDispatched) EventName() string { return "shipping.ShipmentDispatched" }

// EventName is the event's name on the wire. It never changes.
func (ShipmentDelivered) EventName() string { return "shipping.ShipmentDelivered" }

// EventName is the event's name on the wire. It never changes.
func (ShipmentCancelled) EventName() string { return "shipping.ShipmentCancelled" }

// EventKey orders events of one order.
func (e ShipmentDispatched) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e ShipmentDelivered) EventKey() string { return e.OrderID }

// EventKey orders events of one order.
func (e ShipmentCancelled) EventKey() string { return e.OrderID }
