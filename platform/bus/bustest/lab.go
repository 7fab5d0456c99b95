package bustest

import (
	"embed"
	"errors"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

//go:embed sqlite/*.sql postgres/*.sql mysql/*.sql
var migrations embed.FS

// A lab is the parts that a test is about and the modules that it joins with them.
type lab struct {
	*testing.T
	Parts
	publisher  message.Publisher
	subscriber message.Subscriber
	manifest   outbox.Manifest
	places     database.Places
}

func newLab(t *testing.T, parts Parts) *lab {
	l := &lab{T: t, Parts: parts.withDefaults(), manifest: outbox.Manifest{}, places: databasetest.Places(t)}
	l.publisher, l.subscriber = l.Carrier(t)
	t.Cleanup(func() { require.NoError(t, errors.Join(l.publisher.Close(), l.subscriber.Close())) })
	return l
}

func (l *lab) eventually(condition func() bool, message string, args ...any) {
	l.Helper()
	require.Eventuallyf(l, condition, l.Patience, 5*time.Millisecond, message, args...)
}

// comesTo waits until a measurement of the module is at least so much: what happens is counted after it can be seen.
func (m *module) comesTo(name string, atLeast float64) {
	m.lab.Helper()
	m.lab.eventually(func() bool { return m.measured(name) >= atLeast }, "%s of %s is not %v", name, m.name, atLeast)
}

// measured is the sum of a measurement of the module since it was started.
func (m *module) measured(name string) (total float64) {
	m.lab.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(m.db)
	if m.inbox != nil {
		registry.MustRegister(m.inbox)
	}
	if relay, ok := m.relay.(prometheus.Collector); ok {
		registry.MustRegister(relay)
	}
	families, err := registry.Gather()
	require.NoError(m.lab, err)
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			total += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return total
}
