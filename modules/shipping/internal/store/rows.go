package store

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/shipping/internal/shipment"
)

// row is a shipment as the database sees it: no rules, only columns.
type row struct {
	ID                string `gorm:"column:id;primaryKey"`
	OrderID           string `gorm:"column:order_id"`
	CustomerID        string `gorm:"column:customer_id"`
	Status            string `gorm:"column:status"`
	KeepBack          bool   `gorm:"column:keep_back"`
	Forget            bool   `gorm:"column:forget"`
	TrackingNumber    string `gorm:"column:tracking_number"`
	AddressName       string `gorm:"column:address_name"`
	AddressLine1      string `gorm:"column:address_line1"`
	AddressLine2      string `gorm:"column:address_line2"`
	AddressCity       string `gorm:"column:address_city"`
	AddressPostalCode string `gorm:"column:address_postal_code"`
	AddressCountry    string `gorm:"column:address_country"`
	CreatedAt         int64  `gorm:"column:created_at;autoCreateTime:false"`
	DispatchedAt      int64  `gorm:"column:dispatched_at"`
	DeliveredAt       int64  `gorm:"column:delivered_at"`
	CancelledAt       int64  `gorm:"column:cancelled_at"`
}

type lineRow struct {
	ShipmentID string `gorm:"column:shipment_id;primaryKey"`
	LineID     string `gorm:"column:line_id;primaryKey"`
	SKU        string `gorm:"column:sku"`
	Quantity   int64  `gorm:"column:quantity"`
}

type recipientRow struct {
	CustomerID  string `gorm:"column:customer_id;primaryKey"`
	ForgottenAt int64  `gorm:"column:forgotten_at"`
}

// TableName names the table.
func (row) TableName() string { return "shipments" }

// TableName names the table.
func (lineRow) TableName() string { return "shipment_lines" }

// TableName names the table.
func (recipientRow) TableName() string { return "forgotten_recipients" }

func rowOf(s shipment.State) row {
	return row{
		ID: s.ID, OrderID: s.OrderID, CustomerID: s.CustomerID, Status: string(s.Status),
		KeepBack: s.KeepBack, Forget: s.Forget, TrackingNumber: s.TrackingNumber,
		AddressName: s.Address.Name, AddressLine1: s.Address.Line1, AddressLine2: s.Address.Line2, AddressCity: s.Address.City,
		AddressPostalCode: s.Address.PostalCode, AddressCountry: s.Address.Country,
		CreatedAt: micros(s.CreatedAt), DispatchedAt: micros(s.DispatchedAt),
		DeliveredAt: micros(s.DeliveredAt), CancelledAt: micros(s.CancelledAt),
	}
}

func (r row) state() shipment.State {
	return shipment.State{
		ID: r.ID, OrderID: r.OrderID, CustomerID: r.CustomerID, Status: shipment.Status(r.Status),
		KeepBack: r.KeepBack, Forget: r.Forget, TrackingNumber: r.TrackingNumber,
		Address: shipment.Address{
			Name: r.AddressName, Line1: r.AddressLine1, Line2: r.AddressLine2, City: r.AddressCity,
			PostalCode: r.AddressPostalCode, Country: r.AddressCountry,
		},
		CreatedAt: moment(r.CreatedAt), DispatchedAt: moment(r.DispatchedAt),
		DeliveredAt: moment(r.DeliveredAt), CancelledAt: moment(r.CancelledAt),
	}
}

func lineRowsOf(s shipment.State) []lineRow {
	rows := make([]lineRow, len(s.Lines))
	for i, line := range s.Lines {
		rows[i] = lineRow{ShipmentID: s.ID, LineID: line.LineID, SKU: line.SKU, Quantity: line.Quantity}
	}
	return rows
}

// micros is a moment as it is stored: 0 if it has not come.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
