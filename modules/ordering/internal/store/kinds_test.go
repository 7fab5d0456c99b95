package store_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// The stories in this file have one ending on every kind of database.

// long is as much text as a client may send where n characters are allowed.
func long(n int) string { return strings.Repeat("🫖", n) }

func TestEveryOrderComesBackAsItWasWritten(t *testing.T) {
	orders, _ := open(t)
	for name, write := range map[string]func(*order.Draft){
		"emoji":  func(d *order.Draft) { d.Address.Name = "Ada 👩‍👩‍👧" },
		"quotes": func(d *order.Draft) { d.Address.Name = `O'Hara "\' ; -- ? $1 %s \0` },
		"spaces": func(d *order.Draft) { d.Address.Name, d.Address.Line2, d.Address.PostalCode = " Ada ", " ", "N1 " },
		"address at its limit": func(d *order.Draft) {
			d.Address = ordering.Address{Name: long(100), Line1: long(100), Line2: long(100), City: long(100), PostalCode: long(20), Country: "GB"}
		},
		"names at their limit": func(d *order.Draft) {
			d.CustomerID, d.Reference, d.PaymentToken = strings.Repeat("c", 64), long(100), strings.Repeat("t", 200)
			d.Content = strings.Repeat("f", 64)
			d.Items[0].SKU, d.Items[0].Name = strings.Repeat("S", 32), long(200)
			d.Adjustments = []order.Adjustment{{Kind: order.Fee, Code: strings.Repeat("C", 40), Description: long(200), Amount: money.New(1, "GBP")}}
		},
		"as dear as it gets": func(d *order.Draft) { d.Items[0].Quantity, d.Items[0].UnitPrice = 1, money.New(math.MaxInt64, "GBP") },
	} {
		t.Run(name, func(t *testing.T) {
			d := draft("ada")
			write(&d)
			o := place(t, orders, d)
			found, err := orders.Find(t.Context(), o.State().ID, store.Everybody)
			require.NoError(t, err)
			require.Equal(t, o.State(), found)
		})
	}
}

func TestOrdersWhoseReferencesLookAlikeAreNotTheSame(t *testing.T) {
	orders, _ := open(t)
	ids := map[string]string{}
	for _, reference := range []string{"a", "A", "á", "a\u0301", "a ", " a", "a  ", "a%", "_", `a\`, "'", "🫖", "🍵", long(99) + "a", long(99) + "b"} {
		d := draft("guest")
		d.Reference = reference
		ids[reference] = place(t, orders, d).State().ID
	}
	for reference, id := range ids {
		found, there, err := orders.ByReference(t.Context(), reference)
		require.NoError(t, err)
		require.True(t, there, reference)
		require.Equal(t, id, found.ID, reference)
		require.Equal(t, reference, found.Reference)
	}
}

func TestEveryReturnComesBackAsItWasWritten(t *testing.T) {
	orders, _ := open(t)
	id := delivered(t, orders, "ada")
	require.NoError(t, orders.UpdateWithReturns(t.Context(), id, func(o *order.Order) error {
		r, err := o.RequestReturn([]ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 1}}, long(500), noon)
		if err != nil {
			return err
		}
		return o.RejectReturn(r.ID, "one\ntwo "+long(492), noon)
	}))
	found := returnsOf(t, orders, id)
	require.Len(t, found, 1)
	require.Equal(t, long(500), found[0].Reason)
	require.Equal(t, "one\ntwo "+long(492), found[0].Note)
}

func TestAnIDWithASpaceIsAnotherID(t *testing.T) {
	orders, _ := open(t)
	id := delivered(t, orders, "ada")
	require.NoError(t, orders.UpdateWithReturns(t.Context(), id, func(o *order.Order) error {
		_, err := o.RequestReturn([]ordering.Line{{LineID: o.State().Lines[0].ID, Quantity: 1}}, "chipped", noon)
		return err
	}))
	back := returnsOf(t, orders, id)[0].ID

	_, err := orders.Find(t.Context(), id+" ", store.Everybody)
	require.Equal(t, store.Missing(), err)
	require.Equal(t, store.Missing(), orders.Visible(t.Context(), id+" ", store.Everybody))
	require.Equal(t, store.Missing(), orders.Update(t.Context(), id+" ", at((*order.Order).RequestCancellation)))
	_, err = orders.OrderOfReturn(t.Context(), back+" ")
	require.True(t, fault.Is(err, fault.NotFound))
	found, err := orders.OrderOfReturn(t.Context(), back)
	require.NoError(t, err)
	require.Equal(t, id, found)
}
