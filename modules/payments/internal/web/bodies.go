package web

import (
	"github.com/pangaea-shop/pangaea/modules/payments/internal/payment"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A Payment is the money of an order as clients see it.
type Payment struct {
	ID       string      `json:"id" format:"uuid"`
	OrderID  string      `json:"order_id" format:"uuid"`
	Status   string      `json:"status" enum:"pending,authorized,captured,declined,voided,refunded,partially_refunded,capture_failed"`
	Amount   money.Money `json:"amount"`
	Captured money.Money `json:"captured"`
	Refunded money.Money `json:"refunded"`
	Refunds  []Refund    `json:"refunds"`
}

// A Refund is money on its way back, or back.
type Refund struct {
	ID       string      `json:"id" format:"uuid"`
	ReturnID string      `json:"return_id,omitempty" doc:"Left out: the whole order was cancelled"`
	Amount   money.Money `json:"amount"`
	Status   string      `json:"status" enum:"requested,refunded,refund_failed"`
	Reason   string      `json:"reason,omitempty" doc:"Why it failed"`
}

func shown(s payment.State) Payment {
	refunds := make([]Refund, len(s.Refunds))
	for i, refund := range s.Refunds {
		refunds[i] = shownRefund(refund)
	}
	return Payment{
		ID: s.ID, OrderID: s.OrderID, Status: string(s.Shown()), Amount: s.Amount,
		Captured: s.Captured, Refunded: s.Refunded, Refunds: refunds,
	}
}

func shownRefund(r payment.Refund) Refund {
	return Refund{ID: r.ID, ReturnID: r.ReturnID, Amount: r.Amount, Status: string(r.Status), Reason: r.Reason}
}
