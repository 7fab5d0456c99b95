package nats_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/bus/nats"
	"github.com/pangaea-shop/pangaea/platform/bus/nats/natstest"
)

// A town is one over a server that a test does things to.
type town struct {
	*bustest.Town
	t       *testing.T
	prefix  string
	carrier *nats.Carrier
	admin   jetstream.JetStream
}

// newTown makes a town on the server at url, which the administrator reaches at another one. What was taken and not
// answered comes again soon, unless the options say when.
func newTown(t *testing.T, url, adminURL string, options nats.Options, asAdmin ...client.Option) *town {
	w := &town{t: t, prefix: newPrefix()}
	options.Prefix, options.Declare, options.Silence = w.prefix, 50*time.Millisecond, cmp.Or(options.Silence, 500*time.Millisecond)
	var err error
	w.carrier, err = nats.New(url, options)
	require.NoError(t, err)
	conn, err := client.Connect(adminURL, append(asAdmin, client.MaxReconnects(-1), client.ReconnectWait(10*time.Millisecond))...)
	require.NoError(t, err)
	w.admin, err = jetstream.New(conn)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, w.carrier.Close())
		conn.Close()
	})
	w.Town = bustest.NewTown(t, w.carrier, w.carrier)
	return w
}

func (w *town) stream() string { return w.prefix + "-town" }

func TestWhatReachesNoStreamIsAnError(t *testing.T) {
	t.Parallel()
	url := embedded(t)
	w := newTown(t, url, url, nats.Options{})
	require.ErrorContains(t, w.Says("too early"), "it reached no stream")
	stranger, err := w.admin.CreateStream(t.Context(), jetstream.StreamConfig{Name: "stranger", Subjects: []string{w.prefix + ".*"}})
	require.NoError(t, err)
	require.ErrorContains(t, w.Says("to a stranger"), "stream does not match")
	require.NoError(t, w.admin.DeleteStream(t.Context(), stranger.CachedInfo().Config.Name))
	w.Listens(bustest.Acknowledge)
	require.NoError(t, w.Says("heard"))
	w.Hears("heard")
	w.HeardOnly("heard")
}

func TestWhatIsDeletedComesBack(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		w := newTown(t, url, url, nats.Options{})
		w.ComesBack(4,
			func() error { return w.admin.DeleteStream(t.Context(), w.stream()) },
			func() error { return w.admin.DeleteConsumer(t.Context(), w.stream(), "town") },
		)
	})
}

// What an administrator has set otherwise is set right where it would lose messages, and left alone where it would not.
func TestAStreamIsSetRight(t *testing.T) {
	t.Parallel()
	url := embedded(t)
	w := newTown(t, url, url, nats.Options{})
	w.Listens(bustest.Acknowledge)
	stream, err := w.admin.Stream(t.Context(), w.stream())
	require.NoError(t, err)
	config := stream.CachedInfo().Config
	config.MaxAge, config.Discard, config.Description = time.Hour, jetstream.DiscardOld, "of the town"
	_, err = w.admin.UpdateStream(t.Context(), config)
	require.NoError(t, err)
	w.Eventually(func() bool {
		info, err := stream.Info(t.Context())
		return err == nil && info.Config.MaxAge == 0 && info.Config.Discard == jetstream.DiscardNew && info.Config.Description == "of the town"
	}, "messages expire")
}

// Messages that were refused come again, as they were, as often as it takes.
func TestWhatIsRefusedComesAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		newTown(t, url, url, nats.Options{}).IsRefused(5)
	})
}

// A cut is a connection that ends at any moment.
func TestCuts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		wire := newWire(t, url)
		w := newTown(t, over(wire), url, nats.Options{})
		w.Listens(bustest.Acknowledge)
		w.GetsThrough(func() {
			for range 20 {
				w.HearsOn(1 + rand.IntN(20))
				wire.Cut()
			}
		})
	})
}

func TestACutInTheMiddleOfWork(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		wire := newWire(t, url)
		newTown(t, over(wire), url, nats.Options{Silence: 2 * time.Second}).IsInterrupted(wire.Cut)
	})
}

func TestAServerIsKilled(t *testing.T) {
	t.Parallel()
	isKilled := func(t *testing.T, s *natstest.Server) {
		w := newTown(t, s.URL(), s.URL(), nats.Options{})
		w.Listens(func(*message.Message) bool { return rand.IntN(10) > 0 })
		w.GetsThrough(func() {
			for range 3 {
				w.HearsOn(500)
				s.Kill()
				s.Start()
			}
		})
	}
	t.Run("cmd/split/messages", func(t *testing.T) { isKilled(t, natstest.Own(t)) })
	t.Run("nats-server", func(t *testing.T) {
		if natstest.Installed(t) {
			isKilled(t, natstest.Stock(t))
		}
	})
}

// A stream that is full takes no messages, and a server that does not answer is not waited for.
func TestAServerThatTakesNothing(t *testing.T) {
	t.Parallel()
	if !natstest.Installed(t) {
		return
	}
	s := natstest.Stock(t)
	w := newTown(t, s.URL(), s.URL(), nats.Options{Confirm: time.Second})
	w.Listens(bustest.Acknowledge)
	w.Insists("before")
	w.Hears("before")

	limit := func(most int64) {
		stream, err := w.admin.Stream(t.Context(), w.stream())
		require.NoError(t, err)
		config := stream.CachedInfo().Config
		config.MaxBytes = most
		_, err = w.admin.UpdateStream(t.Context(), config)
		require.NoError(t, err)
	}
	limit(100)
	w.Eventually(func() bool {
		err := w.Says(strings.Repeat("too much ", 20))
		return err != nil && strings.Contains(err.Error(), "maximum bytes exceeded")
	}, "a stream that is full does not say so")
	limit(-1)
	w.Insists("after")
	w.Hears("after")

	s.Signal(syscall.SIGSTOP)
	var silence error
	w.Eventually(func() bool { silence = w.Says("silence"); return silence != nil }, "a server that is stopped answers") // it stops a moment later
	require.ErrorContains(t, silence, "has not confirmed it for 1s")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	closed := make(chan struct{})
	go func() { _ = w.carrier.Close(); close(closed) }()
	select {
	case <-closed:
	case <-ctx.Done():
		t.Error("a server that does not answer cannot be left")
	}
	s.Signal(syscall.SIGCONT)
}

func TestAServerThatSaysNo(t *testing.T) {
	t.Parallel()
	prefix := newPrefix()
	address := guarded(t, &server.Options{Users: []*server.User{
		{Username: "town", Password: "geheim"},
		{Username: "mute", Password: "geheim", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{prefix + ".town"}}}},
		{Username: "deaf", Password: "geheim", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{"$JS.API.>"}}}},
	}})
	as := func(user, password string) *nats.Carrier {
		c, err := nats.New("nats://"+user+":"+password+"@"+address, nats.Options{Prefix: prefix, Confirm: time.Second})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, c.Close()) })
		return c
	}
	_, err := as("town", "geraten").Subscribe(t.Context(), "town")
	require.ErrorContains(t, err, "Authorization Violation")
	require.NotContains(t, err.Error(), "geraten")
	_, err = as("deaf", "geheim").Subscribe(t.Context(), "town")
	require.ErrorContains(t, err, "Permissions Violation")
	_, err = as("town", "geheim").Subscribe(t.Context(), "town")
	require.NoError(t, err)
	require.ErrorContains(t, as("mute", "geheim").Publish("town", message.NewMessage("1", nil)), "Permissions Violation")
	require.NoError(t, as("town", "geheim").Publish("town", message.NewMessage("2", nil)))

	for _, url := range []string{"http://127.0.0.1", "nats://guest:geheim@host:port", "nats://guest:geheim%zz@host", "nats://geheim host", "nats://"} {
		_, err := nats.New(url, nats.Options{})
		require.ErrorContains(t, err, "not the URL of a NATS")
		require.NotContains(t, err.Error(), "geheim")
	}
	c, err := nats.New("nats://127.0.0.1:1", nats.Options{})
	require.NoError(t, err)
	messages, err := c.Subscribe(t.Context(), "town")
	require.NoError(t, err, "it may come")
	require.ErrorContains(t, c.Publish("town", message.NewMessage("1", nil)), "cannot be reached")
	require.NoError(t, c.Close())
	_, open := <-messages
	require.False(t, open)
}

// guarded starts a server in this process that asks who somebody is, and returns where it listens.
func guarded(t *testing.T, options *server.Options) (address string) {
	options.Host, options.Port, options.JetStream, options.StoreDir, options.NoSigs = "127.0.0.1", server.RANDOM_PORT, true, t.TempDir(), true
	s, err := server.NewServer(options)
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	require.True(t, s.ReadyForConnections(time.Minute))
	return s.Addr().String()
}

// newWire lays a wire to the server at a URL.
func newWire(t *testing.T, url string) *bustest.Wire {
	return bustest.NewWire(t, strings.TrimPrefix(url, "nats://"))
}

// over is the URL of a server over a wire.
func over(wire *bustest.Wire) string { return "nats://" + wire.Address() }
