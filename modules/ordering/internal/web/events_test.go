package web_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/platform/httpserver/httpservertest"
)

func TestAnEndedOrderIsToldAtOnce(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.deliver(t, id)

	answer := shop.customer("ada").Get("/api/v1/orders/" + id + "/events").Require(http.StatusOK)

	require.Equal(t, "text/event-stream", answer.Header.Get("Content-Type"))
	require.Regexp(t, `^id: 1\nevent: status\ndata: \{"number":1,"status":"placed","at":"[^"]+","note":"we have your order"\}\n\n`+
		`id: 2\n(?s:.*)"delivered"(?s:.*)\n\nevent: end\ndata: \{\}\n\n$`, string(answer.Body))
}

func TestAStreamGoesOnAfterTheLastEventSeen(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	shop.deliver(t, id)
	answer := shop.customer("ada").With("Last-Event-ID", "5").Get("/api/v1/orders/" + id + "/events").Require(http.StatusOK)
	require.Regexp(t, `^id: 6\n`, string(answer.Body))
	shop.customer("ada").With("Last-Event-ID", "6").Get("/api/v1/orders/" + id + "/events").Require(http.StatusNoContent)
	shop.customer("ada").With("Last-Event-ID", "x").Get("/api/v1/orders/"+id+"/events").
		Problem(http.StatusUnprocessableEntity, "invalid")
}

func TestAStreamTellsWhatHappens(t *testing.T) {
	shop := open(t)
	id := place(t, shop.customer("ada"))
	told := make(chan *httpservertest.Answer)
	go func() { told <- shop.customer("ada").Get("/api/v1/orders/" + id + "/events") }()

	keyed(shop.customer("ada")).Post("/api/v1/orders/"+id+"/cancel", nil).Require(http.StatusAccepted)
	require.NoError(t, shop.saga.StockReleased(t.Context(), &inventory.StockReleased{OrderID: id}))
	require.NoError(t, shop.saga.PaymentVoided(t.Context(), &payments.PaymentVoided{OrderID: id}))

	answer := <-told
	require.Equal(t, http.StatusOK, answer.Status)
	require.Regexp(t, `(?s)^id: 1\n.*id: 2\n.*cancelled as you wished.*id: 3\n.*id: 4\n.*you pay nothing.*event: end`, string(answer.Body))
}
