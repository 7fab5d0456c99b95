package inbox_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/inbox"
)

func TestHowLongMessagesAreKept(t *testing.T) {
	r := newReader(t, inbox.Options{})
	overdue := func() time.Duration {
		t.Helper()
		age, err := r.inbox.Overdue(t.Context())
		require.NoError(t, err)
		return age
	}
	require.Zero(t, overdue())

	began := time.Now()
	r.fail = func(door, _ string) error {
		return map[string]error{"a": inbox.Hopeless(errors.New("never")), "b": errors.New("not now")}[door]
	}
	r.gets(t, letter(t, "a", 1), letter(t, "a", 2))
	require.Zero(t, overdue(), "dead letters, and those behind them, are for an operator")
	r.gets(t, letter(t, "b", 1), letter(t, "c", 2))

	require.Positive(t, overdue())
	registry := prometheus.NewRegistry()
	registry.MustRegister(r.inbox)
	families, err := registry.Gather()
	require.NoError(t, err)
	ages := map[string]float64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "pangaea_inbox_oldest_seconds" {
				ages[m.GetLabel()[1].GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	require.Len(t, ages, 4)
	for why, age := range ages {
		require.Greater(t, age, 0.0, why)
		require.LessOrEqual(t, age, time.Since(began).Seconds()+1, why)
	}
}

// What is kept is not all applied first when a process ends that has just begun with it.
func TestAStopLeavesWhatIsKept(t *testing.T) {
	r := newReader(t, inbox.Options{Patience: []time.Duration{}})
	for n := 2; n <= 50; n++ {
		r.gets(t, letter(t, "front", n))
	}
	came, goOn := make(chan struct{}), make(chan struct{})
	r.fail = func(_, n string) error {
		if n == "5" {
			close(came)
			<-goOn
		}
		return nil
	}
	var receiving sync.WaitGroup
	receiving.Go(func() { r.gets(t, letter(t, "front", 1)) })
	<-came
	require.NoError(t, r.inbox.Stop(t.Context()))
	close(goOn)
	receiving.Wait()

	require.Equal(t, []string{"front1", "front2", "front3", "front4", "front5"}, r.hasRead())
	require.EqualValues(t, 45, r.kept(t).Waiting)
}
