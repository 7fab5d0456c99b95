package web

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
)

// A Shipment is the goods of an order on their way, as clients see it.
type Shipment struct {
	ID             string     `json:"id"`
	OrderID        string     `json:"order_id"`
	Status         string     `json:"status" enum:"pending,dispatched,delivered,cancelled"`
	TrackingNumber string     `json:"tracking_number,omitempty"`
	Address        Address    `json:"address"`
	Lines          []Line     `json:"lines"`
	CreatedAt      time.Time  `json:"created_at"`
	DispatchedAt   *time.Time `json:"dispatched_at,omitempty"`
	DeliveredAt    *time.Time `json:"delivered_at,omitempty"`
	CancelledAt    *time.Time `json:"cancelled_at,omitempty"`
}

// An Address is where the goods go.
type Address struct {
	Name       string `json:"name"`
	Line1      string `json:"line1"`
	Line2      string `json:"line2,omitempty"`
	City       string `json:"city"`
	PostalCode string `json:"postal_code"`
	Country    string `json:"country"`
}

// A Line is a quantity of one product.
type Line struct {
	LineID   string `json:"line_id"`
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

func shown(s shipment.State) Shipment {
	lines := make([]Line, len(s.Lines))
	for i, line := range s.Lines {
		lines[i] = Line(line)
	}
	return Shipment{
		ID: s.ID, OrderID: s.OrderID, Status: string(s.Shown()), TrackingNumber: s.TrackingNumber,
		Address: Address(s.Address), Lines: lines, CreatedAt: s.CreatedAt,
		DispatchedAt: when(s.DispatchedAt), DeliveredAt: when(s.DeliveredAt), CancelledAt: when(s.CancelledAt),
	}
}

// when is nil for what has not happened.
func when(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
