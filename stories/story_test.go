package stories

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// From the shelf to the doorstep and half of it back.
func TestTheStoryOfAnOrder(t *testing.T) {
	t.Parallel()
	shop := open(t)
	staff := shop.staff()
	staff.sells("MUG", 799, 10)

	// Somebody looks around ...
	found := get[page[product]](shop.nobody(), "/api/v1/products?q=mug")
	require.NotEmpty(t, found.Items)
	require.Equal(t, amount{799, "GBP"}, get[product](shop.nobody(), "/api/v1/products/MUG").Price)

	// ... registers, signs in and orders three.
	ada := shop.customer("ada")
	placed := ada.place("tok_approve", "MUG", 3)
	require.Equal(t, amount{2397, "GBP"}, placed.Total)
	require.Equal(t, "placed", placed.Status)

	// The order is paid, goes out and arrives; its history tells so.
	delivered := ada.becomes(placed.ID, "delivered")
	var history []string
	for _, entry := range delivered.History {
		history = append(history, entry.Status)
	}
	require.Equal(t, []string{"placed", "reserved", "confirmed", "paid", "dispatched", "delivered"}, history)
	require.EqualValues(t, 7, get[stock](ada, "/api/v1/stock/MUG").Available)

	// One mug has a crack: it goes back, and so does its price.
	returned := post[goodsReturn](ada, "/api/v1/orders/"+placed.ID+"/returns", map[string]any{
		"items":  []map[string]any{{"line_id": delivered.Lines[0].LineID, "quantity": 1}},
		"reason": "it has a crack",
	}, http.StatusCreated)
	staff.call(http.MethodPost, "/api/v1/returns/"+returned.ID+"/accept", nil).expect(t, http.StatusOK)
	refunded := ada.follow(placed.ID, "refunded", func(o order) bool {
		return len(o.Returns) == 1 && o.Returns[0].Status == "refunded"
	})
	require.Equal(t, amount{799, "GBP"}, refunded.Refunded)
	eventually(t, func() bool { return get[stock](ada, "/api/v1/stock/MUG").Available == 8 }, "the mug is not back on the shelf")

	// She was told about it, and nobody else can see any of it.
	eventually(t, func() bool { return len(get[page[struct{}]](ada, "/api/v1/notifications").Items) >= 3 }, "ada was told too little")
	eve := shop.customer("eve")
	for _, path := range []string{"/api/v1/orders/" + placed.ID, "/api/v1/payments?order_id=" + placed.ID, "/api/v1/shipments?order_id=" + placed.ID} {
		eve.call(http.MethodGet, path, nil).expect(t, http.StatusNotFound)
	}
	require.Empty(t, get[page[order]](eve, "/api/v1/orders").Items)
	shop.isSound()
}

// isSound asks the operator's command whether the books agree with the world.
func (s *shop) isSound() {
	s.t.Helper()
	out, code := s.pangaea("check")
	require.Zero(s.t, code, out)
}
