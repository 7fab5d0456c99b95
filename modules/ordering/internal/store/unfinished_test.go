package store_test

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
)

func TestWhatIsNotFinished(t *testing.T) {
	orders, _ := open(t)
	stages := func() (checkout, settling store.Unfinished) {
		t.Helper()
		list, err := orders.Unfinished(t.Context())
		require.NoError(t, err)
		require.Len(t, list, 2)
		return list[0], list[1]
	}
	checkout, settling := stages()
	require.Equal(t, store.Unfinished{Stage: store.Checkout}, checkout)
	require.Equal(t, store.Unfinished{Stage: store.Settling}, settling)

	first, second, third := place(t, orders, draft("ada")), place(t, orders, draft("ada")), place(t, orders, draft("ada"))
	update(t, orders, first.State().ID, at((*order.Order).Reserve), at((*order.Order).Confirm))
	checkout, settling = stages()
	placed := first.State()
	require.Equal(t, store.Unfinished{Stage: store.Checkout, Count: 3, Since: placed.PlacedAt, Deadline: placed.DeadlineAt}, checkout)
	require.Zero(t, settling.Count)

	require.NoError(t, orders.UpdateWithLines(t.Context(), first.State().ID, at((*order.Order).MarkPaid)))
	for hours, o := range []*order.Order{third, second} {
		cancelled := noon.Add(time.Duration(hours+1) * time.Hour)
		update(t, orders, o.State().ID, func(o *order.Order) error { return o.Cancel(ordering.TimedOut, cancelled) })
	}
	checkout, settling = stages()
	require.Zero(t, checkout.Count, "one is paid and two are given up")
	require.EqualValues(t, 2, settling.Count)
	since := noon.Add(time.Hour).Truncate(time.Microsecond)
	require.Equal(t, since, settling.Since, "since it was given up, whenever it was placed")
	require.Equal(t, map[string]float64{"checkout": 0, "settling": 2}, measured(t, orders, "pangaea_ordering_unfinished"))
	ages := measured(t, orders, "pangaea_ordering_oldest_unfinished_seconds")
	require.Zero(t, ages["checkout"])
	require.InDelta(t, time.Since(since).Seconds(), ages["settling"], 60)

	update(t, orders, second.State().ID, at((*order.Order).FailRefund))
	_, settling = stages()
	require.EqualValues(t, 1, settling.Count, "staff have to send the money of the other one")
	update(t, orders, third.State().ID, at((*order.Order).SettleStock))
	_, settling = stages()
	require.EqualValues(t, 1, settling.Count)
	update(t, orders, third.State().ID, at((*order.Order).SettleMoney))
	_, settling = stages()
	require.Equal(t, store.Unfinished{Stage: store.Settling}, settling)
}

func TestHowLateAnOrderIs(t *testing.T) {
	orders, _ := open(t)
	require.Equal(t, map[string]float64{"": 0}, measured(t, orders, "pangaea_ordering_overdue_seconds"))

	o := place(t, orders, draft("ada"))

	late := measured(t, orders, "pangaea_ordering_overdue_seconds")[""]
	require.InDelta(t, time.Since(o.State().DeadlineAt).Seconds(), late, 60)
}

// measured is what Prometheus would be told, by stage.
func measured(t *testing.T, orders *store.Orders, name string) map[string]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(orders.Measurements())
	families, err := registry.Gather()
	require.NoError(t, err)
	values := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() != name {
				continue
			}
			stage := ""
			for _, label := range m.GetLabel() {
				stage = label.GetValue()
			}
			values[stage] = m.GetGauge().GetValue()
		}
	}
	return values
}
