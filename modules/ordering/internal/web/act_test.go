package web_test

import (
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/web"
	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/money"
)

func TestACustomerCancels(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	for range 2 { // the second time changes nothing
		var o web.Summary
		keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/cancel", nil).Require(http.StatusAccepted).Into(&o)
		require.Equal(t, "cancelled", o.Status)
		require.Equal(t, "customer", o.CancelReason)
	}
	require.Len(t, shop.show(t, id).History, 2)
}

func TestAPaidOrderIsCancelledWhenTheGoodsWereKeptBack(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.pay(t, id)
	var o web.Summary
	keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/cancel", nil).Require(http.StatusAccepted).Into(&o)
	require.Equal(t, "paid", o.Status)
	require.True(t, o.CancellationRequested)
	require.NoError(t, shop.saga.ShipmentCancelled(t.Context(), &shipping.ShipmentCancelled{OrderID: id}))
	require.Equal(t, "cancelled", shop.show(t, id).Status)
}

func TestWhatHasLeftCanOnlyBeReturned(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.dispatch(t, id)
	late := keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/cancel", nil)
	late.Problem(http.StatusConflict, "already-dispatched")
	require.Contains(t, string(late.Body), `"returns":"/api/v1/orders/`+id+`/returns"`)
	keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/returns", object{
		"items": []object{{"line_id": shop.show(t, id).Lines[0].LineID, "quantity": 1}}, "reason": "too blue",
	}).Problem(http.StatusConflict, "not-delivered")
}

func TestStaffActForCustomersOnRecord(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	keyed(shop.staff()).Post("/api/v1/orders/"+id+"/cancel", nil).Require(http.StatusAccepted)
	require.Equal(t, []string{"order.cancel"}, shop.audited(t))
}

func TestAReturnIsAcceptedOnce(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.deliver(t, id)

	back := requestReturn(t, shop, id, 1)
	require.Equal(t, "requested", back.Status)
	require.Equal(t, money.New(1999, "GBP"), back.Amount)
	for range 2 {
		var accepted web.Return
		shop.staff().Post("/api/v1/returns/"+back.ID+"/accept", nil).Require(http.StatusOK).Into(&accepted)
		require.Equal(t, "accepted", accepted.Status)
		require.NotNil(t, accepted.DecidedAt)
	}
	shop.staff().Post("/api/v1/returns/"+back.ID+"/reject", object{"reason": "no"}).
		Problem(http.StatusConflict, "return-accepted")

	o := shop.show(t, id)
	require.EqualValues(t, 1, o.Lines[0].Returned)
	require.Equal(t, "accepted", o.Returns[0].Status)
	keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/returns", object{
		"items": []object{{"line_id": o.Lines[0].LineID, "quantity": 2}}, "reason": "too blue",
	}).Problem(http.StatusUnprocessableEntity, "invalid", "items[0].quantity")
}

func TestAReturnIsRejected(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.deliver(t, id)
	back := requestReturn(t, shop, id, 2)
	var rejected web.Return
	shop.staff().Post("/api/v1/returns/"+back.ID+"/reject", object{"reason": "it is red"}).Require(http.StatusOK).Into(&rejected)
	require.Equal(t, "rejected", rejected.Status)
	require.Equal(t, "it is red", rejected.Note)
	shop.staff().Post("/api/v1/returns/"+back.ID+"/accept", nil).Problem(http.StatusConflict, "return-rejected")

	var page httpserver.Page[web.Return]
	shop.staff().Get("/api/v1/returns?status=rejected").Require(http.StatusOK).Into(&page)
	require.Equal(t, []web.Return{rejected}, page.Items)
	shop.staff().Get("/api/v1/returns?status=requested").Require(http.StatusOK).Into(&page)
	require.Empty(t, page.Items)
}

func TestBadReturnsNameTheField(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.deliver(t, id)
	line := shop.show(t, id).Lines[0].LineID
	for field, body := range map[string]object{
		"items":             {"items": []object{}, "reason": "x"},
		"items[0].line_id":  {"items": []object{{"line_id": "other", "quantity": 1}}, "reason": "x"},
		"items[0].quantity": {"items": []object{{"line_id": line, "quantity": 3}}, "reason": "x"},
		"reason":            {"items": []object{{"line_id": line, "quantity": 1}}, "reason": ""},
	} {
		keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/returns", body).
			Problem(http.StatusUnprocessableEntity, "invalid", field)
	}
}

// requestReturn lets Ada ask to return pieces of her order's first line.
func requestReturn(t *testing.T, shop *shop, id string, pieces int) (back web.Return) {
	t.Helper()
	line := shop.show(t, id).Lines[0].LineID
	keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/returns", object{
		"items": []object{{"line_id": line, "quantity": pieces}}, "reason": "too blue",
	}).Require(http.StatusCreated).Into(&back)
	return back
}

// TestNothingIsReturnedTwice asks for the last pieces many times at once.
func TestNothingIsReturnedTwice(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.deliver(t, id)
	body := object{"items": []object{{"line_id": shop.show(t, id).Lines[0].LineID, "quantity": 1}}, "reason": "too blue"}

	var created atomic.Int64
	var all sync.WaitGroup
	for range 20 {
		client := keyed(shop.customer("ada"))
		all.Go(func() {
			if client.Post("/api/v1/orders/"+id+"/returns", body).Status == http.StatusCreated {
				created.Add(1)
			}
		})
	}
	all.Wait()

	require.EqualValues(t, 2, created.Load())
	require.Len(t, shop.show(t, id).Returns, 2)
}
