package stories

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

type payment struct {
	Status   string `json:"status"`
	Captured amount `json:"captured"`
	Refunded amount `json:"refunded"`
	Refunds  []struct {
		ID     string `json:"id"`
		Status string `json:"status"`
	} `json:"refunds"`
}

type shipment struct {
	ID     string `json:"id"`
	Status string `json:"status"`
}

func (v visitor) payment(orderID string) payment {
	v.shop.t.Helper()
	found := get[page[payment]](v, "/api/v1/payments?order_id="+orderID).Items
	require.Len(v.shop.t, found, 1)
	return found[0]
}

// shipment waits until an order has one.
func (v visitor) shipment(orderID string) (found shipment) {
	v.shop.t.Helper()
	eventually(v.shop.t, func() bool {
		all := get[page[shipment]](v, "/api/v1/shipments?order_id="+orderID).Items
		if len(all) > 0 {
			found = all[0]
		}
		return len(all) == 1
	}, "order %s gets no shipment", orderID)
	return found
}

func (v visitor) cancels(orderID string) answer {
	v.shop.t.Helper()
	return v.call(http.MethodPost, "/api/v1/orders/"+orderID+"/cancel", nil)
}

// shelf expects that so many pieces are for sale.
func (v visitor) shelf(sku string, pieces int64) {
	v.shop.t.Helper()
	eventually(v.shop.t, func() bool {
		level := get[stock](v, "/api/v1/stock/"+sku)
		return level.Available == pieces && level.Reserved == 0
	}, "%s does not get back to %d", sku, pieces)
}

// A checkout is an order and how it ends.
type checkout struct {
	name, card            string
	wants                 int64
	status, reason, money string
}

func TestHowCheckoutsEnd(t *testing.T) {
	t.Parallel()
	tell(t, open(t), []checkout{
		{"approved", "tok_approve", 1, "delivered", "", "captured"},
		{"answered twice", "tok_twice", 1, "delivered", "", "captured"},
		{"out of stock", "tok_approve", 11, "cancelled", "out_of_stock", ""},
		{"declined", "tok_decline", 1, "cancelled", "payment_declined", "declined"},
		{"an unknown card", "tok_whatever", 1, "cancelled", "payment_declined", "declined"},
		{"capture fails", "tok_capture_fail", 1, "cancelled", "payment_failed", ""},
	})
}

func TestCheckoutsEndByTheirDeadline(t *testing.T) {
	t.Parallel()
	tell(t, open(t, "PANGAEA_CHECKOUT_DEADLINE=3s", "PANGAEA_PROVIDER_LATE_AFTER=5s"), []checkout{
		{"never answered", "tok_timeout", 1, "cancelled", "timed_out", "voided"},
		{"answered too late", "tok_late", 1, "cancelled", "timed_out", "voided"},
	})
}

// tell orders and sees that goods and money go where they belong.
func tell(t *testing.T, shop *shop, stories []checkout) {
	t.Helper()
	staff, ada := shop.staff(), shop.customer("ada")
	t.Cleanup(shop.isSound)
	for i, story := range stories {
		t.Run(story.name, func(t *testing.T) {
			staff, ada := staff.in(t), ada.in(t)
			sku := fmt.Sprintf("CUP-%d", i)
			staff.sells(sku, 500, 10)
			placed := ada.place(story.card, sku, story.wants)

			ended := ada.follow(placed.ID, "ended", func(o order) bool { return o.Settled })

			require.Equal(t, story.status, ended.Status)
			require.Equal(t, story.reason, ended.CancelReason)
			left := int64(10)
			if story.status == "delivered" {
				left -= story.wants
			}
			ada.shelf(sku, left)
			if story.money != "" {
				eventually(t, func() bool { return ada.payment(placed.ID).Status == story.money }, "the payment is not %s", story.money)
			}
		})
	}
}

func TestCancellations(t *testing.T) {
	t.Parallel()
	shop := open(t, "PANGAEA_CARRIER=manual", "PANGAEA_PROVIDER_LATE_AFTER=6s")
	staff, ada := shop.staff(), shop.customer("ada")
	t.Cleanup(shop.isSound)

	t.Run("while the provider thinks: the late authorization is voided", func(t *testing.T) {
		staff, ada := staff.in(t), ada.in(t)
		staff.sells("VASE-1", 4500, 1)
		placed := ada.place("tok_late", "VASE-1", 1)
		ada.becomes(placed.ID, "reserved")
		ada.cancels(placed.ID).expect(t, http.StatusAccepted)
		require.Equal(t, "customer", ada.settles(placed.ID).CancelReason)
		eventually(t, func() bool { return ada.payment(placed.ID).Status == "voided" }, "the authorization is not voided")
		ada.shelf("VASE-1", 1)
	})

	t.Run("of a paid order: the goods stay and the money goes back", func(t *testing.T) {
		staff, ada := staff.in(t), ada.in(t)
		staff.sells("VASE-2", 4500, 1)
		placed := ada.place("tok_approve", "VASE-2", 1)
		ada.becomes(placed.ID, "paid")
		ada.shipment(placed.ID)
		ada.cancels(placed.ID).expect(t, http.StatusAccepted)
		ended := ada.settles(placed.ID)
		require.Equal(t, "cancelled", ended.Status)
		require.Equal(t, "refunded", ada.payment(placed.ID).Status)
		ada.shelf("VASE-2", 1)
	})

	t.Run("after dispatch is refused", func(t *testing.T) {
		staff, ada := staff.in(t), ada.in(t)
		staff.sells("VASE-3", 4500, 1)
		placed := ada.place("tok_approve", "VASE-3", 1)
		ada.becomes(placed.ID, "paid")
		staff.call(http.MethodPost, "/api/v1/shipments/"+ada.shipment(placed.ID).ID+"/dispatch", nil).expect(t, http.StatusOK)
		ada.becomes(placed.ID, "dispatched")
		refusal := ada.cancels(placed.ID).expect(t, http.StatusConflict)
		require.Equal(t, "urn:pangaea:problem:already-dispatched", refusal.Type)
		staff.call(http.MethodPost, "/api/v1/shipments/"+ada.shipment(placed.ID).ID+"/deliver", nil).expect(t, http.StatusOK)
		ada.becomes(placed.ID, "delivered")
	})

	t.Run("racing dispatch: one of the two wins, wholly", func(t *testing.T) {
		staff, ada := staff.in(t), ada.in(t)
		const races = 20
		staff.sells("VASE-4", 4500, races)
		var kept int64
		for range races {
			placed := ada.place("tok_approve", "VASE-4", 1)
			ada.becomes(placed.ID, "paid")
			parcel := ada.shipment(placed.ID)
			together(
				func() { ada.cancels(placed.ID) },
				func() { staff.call(http.MethodPost, "/api/v1/shipments/"+parcel.ID+"/dispatch", nil) },
			)
			ended := ada.follow(placed.ID, "dispatched or cancelled", func(o order) bool {
				return o.Status == "dispatched" || o.Status == "cancelled" && o.Settled
			})
			if ended.Status == "cancelled" {
				kept++
				continue
			}
			staff.call(http.MethodPost, "/api/v1/shipments/"+parcel.ID+"/deliver", nil).expect(t, http.StatusOK)
			ada.becomes(placed.ID, "delivered")
		}
		ada.shelf("VASE-4", kept)
	})

	t.Run("at any moment of a checkout: everything goes back", func(t *testing.T) {
		staff, ada := staff.in(t), ada.in(t)
		const races = 30
		staff.sells("VASE-5", 4500, races)
		var wait sync.WaitGroup
		for range races {
			wait.Go(func() {
				placed := ada.place("tok_approve", "VASE-5", 1)
				for got := ada.cancels(placed.ID); got.status != http.StatusAccepted; got = ada.cancels(placed.ID) {
					t.Logf("cancelling again after %d", got.status)
				}
				if ended := ada.settles(placed.ID); ended.Status != "cancelled" {
					t.Errorf("order %s is %s", placed.ID, ended.Status)
				}
			})
		}
		wait.Wait()
		ada.shelf("VASE-5", races)
	})
}

func TestReturnsAndRefunds(t *testing.T) {
	t.Parallel()
	shop := open(t)
	staff, ada := shop.staff(), shop.customer("ada")
	staff.sells("LAMP", 3333, 10)
	t.Cleanup(shop.isSound)

	t.Run("nobody gets back more than was sold", func(t *testing.T) {
		staff, ada := staff.in(t), ada.in(t)
		placed := ada.place("tok_approve", "LAMP", 2)
		delivered := ada.becomes(placed.ID, "delivered")
		back := map[string]any{"items": []map[string]any{{"line_id": delivered.Lines[0].LineID, "quantity": 2}}, "reason": "changed my mind"}
		first := post[goodsReturn](ada, "/api/v1/orders/"+placed.ID+"/returns", back, http.StatusCreated)
		ada.call(http.MethodPost, "/api/v1/orders/"+placed.ID+"/returns", back).refused(t)
		for range 2 {
			staff.call(http.MethodPost, "/api/v1/returns/"+first.ID+"/accept", nil).expect(t, http.StatusOK)
		}
		refunded := ada.follow(placed.ID, "refunded", func(o order) bool { return o.Returns[0].Status == "refunded" })
		require.Equal(t, refunded.Total, refunded.Refunded)
	})

	t.Run("a refund that the provider refuses is tried again by staff", func(t *testing.T) {
		staff, ada := staff.in(t), ada.in(t)
		placed := ada.place("tok_refund_fail", "LAMP", 1)
		delivered := ada.becomes(placed.ID, "delivered")
		back := map[string]any{"items": []map[string]any{{"line_id": delivered.Lines[0].LineID, "quantity": 1}}, "reason": "too bright"}
		asked := post[goodsReturn](ada, "/api/v1/orders/"+placed.ID+"/returns", back, http.StatusCreated)
		staff.call(http.MethodPost, "/api/v1/returns/"+asked.ID+"/accept", nil).expect(t, http.StatusOK)
		ada.follow(placed.ID, "its refund refused", func(o order) bool { return o.Returns[0].Status == "refund_failed" })
		failed := ada.payment(placed.ID).Refunds[0].ID
		staff.call(http.MethodPost, "/api/v1/refunds/"+failed+"/retry", nil).isOneOf(t, http.StatusOK, http.StatusAccepted)
		ada.follow(placed.ID, "refunded", func(o order) bool { return o.Returns[0].Status == "refunded" })
	})

	t.Run("what has not arrived cannot go back", func(t *testing.T) {
		ada := ada.in(t)
		placed := ada.place("tok_decline", "LAMP", 1)
		ended := ada.settles(placed.ID)
		back := map[string]any{"items": []map[string]any{{"line_id": ended.Lines[0].LineID, "quantity": 1}}, "reason": "too dim"}
		ada.call(http.MethodPost, "/api/v1/orders/"+placed.ID+"/returns", back).expect(t, http.StatusConflict)
	})
}

func (a answer) refused(t testing.TB) {
	t.Helper()
	require.Contains(t, []int{http.StatusConflict, http.StatusUnprocessableEntity}, a.status, "%s", a.body)
	a.expect(t, a.status)
}

func (a answer) isOneOf(t testing.TB, statuses ...int) {
	t.Helper()
	require.Contains(t, statuses, a.status, "%s", a.body)
}

// together runs both at once.
func together(first, second func()) {
	var wait sync.WaitGroup
	wait.Go(first)
	wait.Go(second)
	wait.Wait()
}
