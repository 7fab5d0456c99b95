package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/web"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// routes are all that ordering answers. {order} and {return} are Ada's.
var routes = []struct {
	method, path string
	body         any
	staffOnly    bool
}{
	{"POST", "/api/v1/orders", wish(nil), false},
	{"GET", "/api/v1/orders", nil, false},
	{"GET", "/api/v1/orders/{order}", nil, false},
	{"GET", "/api/v1/orders/{order}/events", nil, false},
	{"POST", "/api/v1/orders/{order}/cancel", nil, false},
	{"POST", "/api/v1/orders/{order}/returns", object{"items": []object{{"line_id": "x", "quantity": 1}}, "reason": "x"}, false},
	{"GET", "/api/v1/returns", nil, true},
	{"POST", "/api/v1/returns/{return}/accept", nil, true},
	{"POST", "/api/v1/returns/{return}/reject", object{"reason": "x"}, true},
}

func TestWhoMayDoWhat(t *testing.T) {
	shop := open(t)
	order := place(t, shop.customer("ada"))
	shop.deliver(t, order)
	back := requestReturn(t, shop, order, 1)
	for _, r := range routes {
		t.Run(r.method+" "+r.path, func(t *testing.T) {
			for id, real := range map[string]string{
				"own": order, "missing": "01930000-0000-7000-8000-000000000000", "malformed": "x", "quoted": "%27%20OR%201=1",
			} {
				path := strings.NewReplacer("{order}", real, "{return}", strings.Replace(real, order, back.ID, 1)).Replace(r.path)
				require.Equal(t, http.StatusUnauthorized, keyed(shop.Client).Do(r.method, path, r.body).Status, "anybody, %s", id)

				bob := keyed(shop.customer("bob")).Do(r.method, path, r.body)
				switch {
				case r.staffOnly:
					require.Equal(t, http.StatusForbidden, bob.Status, "bob, %s", id)
				case strings.Contains(r.path, "{order}"):
					bob.Problem(http.StatusNotFound, "not-found")
					require.Contains(t, string(bob.Body), "there is no such order")
				}
				if id != "own" && strings.Contains(r.path, "{") {
					require.Equal(t, http.StatusNotFound, keyed(shop.staff()).Do(r.method, path, r.body).Status, "staff, %s", id)
				}
			}
		})
	}
	require.Equal(t, "delivered", shop.show(t, order).Status, "nothing happened to the order")
	require.Equal(t, "requested", shop.show(t, order).Returns[0].Status)
}

func TestStaffSeeEveryOrderAndThatIsOnRecord(t *testing.T) {
	shop := open(t)
	own, other := place(t, shop.staff()), place(t, shop.customer("ada"))
	shop.staff().Get("/api/v1/orders/" + own).Require(http.StatusOK)
	require.Empty(t, shop.audited(t))
	shop.staff().Get("/api/v1/orders/" + other).Require(http.StatusOK)
	shop.staff().Get("/api/v1/orders").Require(http.StatusOK)
	require.Equal(t, []string{"order.read", "orders.list"}, shop.audited(t))
}

func TestOrdersAreListedPageByPage(t *testing.T) {
	shop := open(t)
	var ids []string
	for range 3 {
		ids = append([]string{place(t, shop.customer("ada"))}, ids...)
		place(t, shop.customer("bob"))
	}
	var first, second httpserver.Page[web.Summary]
	shop.customer("ada").Get("/api/v1/orders?page_size=2").Require(http.StatusOK).Into(&first)
	shop.customer("ada").Get("/api/v1/orders?page_size=2&page_token=" + first.NextPageToken).Require(http.StatusOK).Into(&second)
	require.Equal(t, ids, idsOf(append(first.Items, second.Items...)))
	require.Empty(t, second.NextPageToken)
}

func TestOrdersAreFound(t *testing.T) {
	shop := open(t)
	ada := place(t, shop.customer("ada"))
	var named web.Summary
	keyed(shop.staff()).Post("/api/v1/orders", wish(object{"customer_id": "bob", "reference": "536365"})).Into(&named)
	shop.pay(t, ada)
	for query, want := range map[string][]string{
		"":                               {named.ID, ada},
		"?reference=536365":              {named.ID},
		"?reference=536365%20":           {},
		"?reference=1":                   {},
		"?customer_id=ada":               {ada},
		"?status=paid":                   {ada},
		"?status=placed&customer_id=ada": {},
	} {
		var page httpserver.Page[web.Summary]
		shop.staff().Get("/api/v1/orders" + query).Require(http.StatusOK).Into(&page)
		require.Equal(t, want, idsOf(page.Items), query)
	}
}

func TestBadListsNameTheParameter(t *testing.T) {
	ada := open(t).customer("ada")
	for query, field := range map[string]string{
		"?page_size=0": "page_size", "?page_size=201": "page_size", "?status=gone": "status",
		"?reference=1": "reference", "?customer_id=bob": "customer_id", "?customer_id=ada": "customer_id",
	} {
		ada.Get("/api/v1/orders"+query).Problem(http.StatusUnprocessableEntity, "invalid", field)
	}
	ada.Get("/api/v1/orders?page_token=x").Problem(http.StatusBadRequest, "malformed", "page_token")
}

func idsOf(orders []web.Summary) []string {
	ids := []string{}
	for _, o := range orders {
		ids = append(ids, o.ID)
	}
	return ids
}
