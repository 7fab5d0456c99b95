package nats_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/nats"
	"github.com/pangaea-shop/pangaea/platform/bus/nats/natstest"
	"github.com/pangaea-shop/pangaea/platform/bus/nats/server"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the suites fail on purpose, loudly
	goleak.VerifyTestMain(m)
}

func TestNATSKeepsThePromises(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) { bustest.Run(t, carrier(url)) })
}

func TestTwoThatHearOverNATS(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) { bustest.Instances(t, carrier(url)) })
}

func TestNATSPassesWatermillsSuite(t *testing.T) {
	onBoth(t, func(t *testing.T, url string) { bustest.Watermill(t, carrier(url)) })
}

// onBoth runs a test on a server in this process, and on a nats-server.
func onBoth(t *testing.T, test func(t *testing.T, url string)) {
	t.Run("in this process", func(t *testing.T) { test(t, embedded(t)) })
	t.Run("on a nats-server", func(t *testing.T) {
		if natstest.Installed(t) {
			test(t, natstest.Stock(t).URL())
		}
	})
}

// embedded is the URL of a server in this process.
func embedded(t *testing.T) string {
	s, err := server.Start("127.0.0.1:0", t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s.URL()
}

// carrier makes carriers with names of their own on a server.
func carrier(url string) bustest.Carrier {
	return func(t testing.TB) (message.Publisher, message.Subscriber) {
		prefix := newPrefix()
		c, err := nats.New(url, nats.Options{Prefix: prefix})
		require.NoError(t, err)
		t.Cleanup(func() { forget(t, url, prefix) })
		return c, c
	}
}

func newPrefix() string { return "t-" + uuid.NewString()[:8] }

// forget deletes everything of a test.
func forget(t testing.TB, url, prefix string) {
	conn, err := client.Connect(url)
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	names := js.StreamNames(context.Background())
	for name := range names.Name() {
		if strings.HasPrefix(name, prefix+"-") {
			require.NoError(t, js.DeleteStream(context.Background(), name))
		}
	}
	require.NoError(t, names.Err())
}
