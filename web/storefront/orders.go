package storefront

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

type (
	order struct {
		ID                    string       `json:"id"`
		Status                string       `json:"status"`
		CancelReason          string       `json:"cancel_reason"`
		CancellationRequested bool         `json:"cancellation_requested"`
		LineCount             int64        `json:"line_count"`
		Lines                 []orderLine  `json:"lines"`
		Adjustments           []adjustment `json:"adjustments"`
		GoodsTotal            amount       `json:"goods_total"`
		Total                 amount       `json:"total"`
		Refunded              amount       `json:"refunded"`
		ShippingAddress       address      `json:"shipping_address"`
		PlacedAt              time.Time    `json:"placed_at"`
		History               []entry      `json:"history"`
		Returns               []returned   `json:"returns"`
		Settled               bool         `json:"settled"`
	}
	orderLine struct {
		LineID    string `json:"line_id"`
		SKU       string `json:"sku"`
		Name      string `json:"name"`
		Quantity  int64  `json:"quantity"`
		UnitPrice amount `json:"unit_price"`
		Total     amount `json:"total"`
		Returned  int64  `json:"returned"`
	}
	adjustment struct {
		Kind        string `json:"kind"`
		Description string `json:"description"`
		Amount      amount `json:"amount"`
	}
	entry struct {
		Status string    `json:"status"`
		At     time.Time `json:"at"`
		Note   string    `json:"note"`
	}
	returned struct {
		Status string `json:"status"`
		Reason string `json:"reason"`
		Note   string `json:"note"`
		Amount amount `json:"amount"`
	}
	shipment struct {
		Status         string `json:"status"`
		TrackingNumber string `json:"tracking_number"`
	}
	step struct {
		Name  string
		Done  bool
		Now   bool
		Ended bool // cancelled here
		At    time.Time
	}
)

// Left is how many pieces of the line could still come back.
func (l orderLine) Left() int64 { return l.Quantity - l.Returned }

// Cancellable reports whether there is still something to cancel.
func (o order) Cancellable() bool {
	return o.Status != "cancelled" && o.Status != "delivered" && o.Status != "dispatched" && !o.CancellationRequested
}

// Steps are the way of an order and how far it has come.
func (o order) Steps() (steps []step) {
	reached := map[string]time.Time{}
	for _, e := range o.History {
		if _, before := reached[e.Status]; !before { // what happens in a status does not move it
			reached[e.Status] = e.At
		}
	}
	for _, name := range []string{"placed", "reserved", "confirmed", "paid", "dispatched", "delivered"} {
		at, done := reached[name]
		if o.Status == "cancelled" && !done {
			return append(steps, step{Name: "cancelled", Done: true, Now: true, Ended: true, At: reached["cancelled"]})
		}
		steps = append(steps, step{Name: name, Done: done, Now: o.Status == name, At: at})
	}
	return steps
}

func listOrders(v *visit) error {
	path := "/api/v1/orders?page_size=20"
	if token := v.Query("page_token"); token != "" {
		path += "&page_token=" + url.QueryEscape(token)
	}
	var found page[order]
	if err := v.get(path, &found); err != nil {
		return err
	}
	v.show(http.StatusOK, "orders", gin.H{"Title": "My orders", "Orders": found.Items, "Next": found.NextPageToken})
	return nil
}

// showOrder shows an order, or with ?part=status only what changes while it is on its way.
func showOrder(v *visit) error {
	return v.showOrderWith(http.StatusOK, nil)
}

func (v *visit) showOrderWith(status int, refusal *problem) error {
	id := url.PathEscape(v.Param("id"))
	var found order
	if err := v.get("/api/v1/orders/"+id, &found); err != nil {
		return err
	}
	var shipments page[shipment]
	if err := v.get("/api/v1/shipments?order_id="+id, &shipments); err != nil && !notFound(err) {
		return err
	}
	data := gin.H{"Title": "Order " + found.ID, "Order": found, "Shipments": shipments.Items, "Refusal": refusal, "Key": v.key(refusal)}
	if v.Query("part") == "status" {
		v.part(status, "order", "status", data)
		return nil
	}
	v.show(status, "order", data)
	return nil
}

func cancelOrder(v *visit) error {
	return v.andBack(v.post("/api/v1/orders/"+url.PathEscape(v.Param("id"))+"/cancel", nil, nil, "Idempotency-Key", v.PostForm("key")))
}

// returnGoods asks to send back what the form has a quantity for.
func returnGoods(v *visit) error {
	var found order
	if err := v.get("/api/v1/orders/"+url.PathEscape(v.Param("id")), &found); err != nil {
		return err
	}
	items := []gin.H{}
	for _, line := range found.Lines {
		text := v.DefaultPostForm("quantity-"+line.LineID, "0")
		pieces, err := strconv.ParseInt(text, 10, 64)
		if err != nil || pieces < 0 {
			return v.andBack(&problem{Status: http.StatusUnprocessableEntity, Detail: "a quantity is a whole number"})
		}
		if pieces > 0 {
			items = append(items, gin.H{"line_id": line.LineID, "quantity": pieces})
		}
	}
	if len(items) == 0 {
		return v.andBack(&problem{Status: http.StatusUnprocessableEntity, Detail: "say how many of what you want to send back"})
	}
	return v.andBack(v.post("/api/v1/orders/"+url.PathEscape(found.ID)+"/returns",
		gin.H{"items": items, "reason": v.PostForm("reason")}, nil, "Idempotency-Key", v.PostForm("key")))
}

// andBack returns to the order's page, which says so if something was refused.
func (v *visit) andBack(err error) error {
	var p *problem
	if errors.As(err, &p) && p.Status < http.StatusInternalServerError && p.Status != http.StatusUnauthorized && p.Status != http.StatusNotFound {
		return v.showOrderWith(p.Status, p)
	}
	if err != nil {
		return err
	}
	v.goTo("/orders/" + url.PathEscape(v.Param("id")))
	return nil
}
