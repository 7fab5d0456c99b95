package shopclient

import (
	"context"
	"iter"
	"net/http"

	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Return is goods of an order that come back.
type Return struct {
	ID      string      `json:"id"`
	OrderID string      `json:"order_id"`
	Status  string      `json:"status"`
	Reason  string      `json:"reason"`
	Amount  money.Money `json:"amount"`
}

// The statuses of a return.
const (
	ReturnRequested    = "requested"
	ReturnAccepted     = "accepted"
	ReturnRejected     = "rejected"
	ReturnRefunded     = "refunded"
	ReturnRefundFailed = "refund_failed"
)

// A ReturnItem is a quantity of one line of an order.
type ReturnItem struct {
	LineID   string `json:"line_id"`
	Quantity int64  `json:"quantity"`
}

// RequestReturn asks to return goods of a delivered order.
func (c *Client) RequestReturn(ctx context.Context, orderID string, items []ReturnItem, reason, key string) (back Return, err error) {
	_, err = c.do(ctx, call{
		method: http.MethodPost, path: "/api/v1/orders/" + orderID + "/returns", key: key, answer: &back,
		body: map[string]any{"items": items, "reason": reason},
	})
	return back, err
}

// AcceptReturn takes the goods back. Again changes nothing.
func (c *Client) AcceptReturn(ctx context.Context, id string) (back Return, err error) {
	_, err = c.do(ctx, call{method: http.MethodPost, path: "/api/v1/returns/" + id + "/accept", answer: &back})
	return back, err
}

// Returns lists everybody's returns, latest first: those of one status, or all if it is empty.
func (c *Client) Returns(ctx context.Context, status string) iter.Seq2[Return, error] {
	return list[Return](ctx, c, "/api/v1/returns", filter("status", status))
}
