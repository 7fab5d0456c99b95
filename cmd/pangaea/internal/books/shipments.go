package books

// shipmentsOfOrders compares orders with shipments.
func (c *comparison) shipmentsOfOrders() {
	for _, o := range c.Orders {
		s, known := c.shipments[o.ID]
		status := string(s.Status)
		if !known {
			status = "none"
		}
		if !shipped[o.Status][status] && !c.telling(o.ID, shipping) {
			c.broken("order", o.ID, "it is %s, shipping says its shipment %s is %s", o.Status, s.ShipmentID, status)
		}
	}
	for _, s := range c.Shipments {
		if _, known := c.orders[s.OrderID]; !known && !c.telling(s.OrderID, shipping) {
			c.broken("shipment", s.ShipmentID, "order %s: it is %s, ordering does not know the order", s.OrderID, s.Status)
		}
	}
}

// shipped says what an order's shipment may be.
var shipped = map[string]map[string]bool{
	placed:     {"none": true},
	reserved:   {"none": true},
	confirmed:  {"none": true},
	paidFor:    {"none": true, "pending": true, "handing_over": true},
	dispatched: {"dispatched": true},
	delivered:  {"delivered": true},
	cancelled:  {"none": true, "cancelled": true},
}

// parcels compares shipments with the carrier's records.
func (c *comparison) parcels() {
	known := map[string]bool{}
	for _, s := range c.Shipments {
		known[s.ShipmentID] = true
		if c.doing(s.OrderID, []string{shipping, carrier}, s.ShipmentID) {
			continue
		}
		p, taken := c.parcel[s.ShipmentID]
		record := "no parcel"
		switch {
		case taken && p.DeliveredAt.IsZero():
			record = "taken"
		case taken:
			record = "delivered"
		}
		switch want := recorded[string(s.Status)]; {
		case want != record && want != "":
			c.broken("shipment", s.ShipmentID, "order %s: it is %s, the carrier's record says %s", s.OrderID, s.Status, record)
		case taken && s.TrackingNumber != "" && s.TrackingNumber != p.TrackingNumber:
			c.broken("shipment", s.ShipmentID, "order %s: its tracking number is %s, the carrier's record says %s",
				s.OrderID, s.TrackingNumber, p.TrackingNumber)
		}
	}
	for _, p := range c.Parcels {
		if !known[p.ShipmentID] {
			c.broken("shipment", p.ShipmentID, "the carrier's record has it as %s, shipping does not know it", p.TrackingNumber)
		}
	}
}

// recorded is what the carrier has of a shipment; of one that is being handed over it may have anything.
var recorded = map[string]string{
	"pending": "no parcel", "cancelled": "no parcel", "dispatched": "taken", "delivered": "delivered",
}
