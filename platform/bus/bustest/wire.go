package bustest

import (
	"io"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Wire is a connection to somewhere that can be cut.
type Wire struct {
	listener net.Listener
	to       string
	mu       sync.Mutex
	ends     map[net.Conn]bool
	strands  sync.WaitGroup
}

// NewWire lays a wire to an address.
func NewWire(t *testing.T, to string) *Wire {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &Wire{listener: listener, to: to, ends: map[net.Conn]bool{}}
	w.strands.Go(w.accept)
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		w.Cut()
		w.strands.Wait()
	})
	return w
}

// Address is that of the near end.
func (w *Wire) Address() string { return w.listener.Addr().String() }

func (w *Wire) accept() {
	for {
		here, err := w.listener.Accept()
		if err != nil {
			return
		}
		there, err := net.Dial("tcp", w.to)
		if err != nil {
			_ = here.Close()
			continue
		}
		w.mu.Lock()
		w.ends[here], w.ends[there] = true, true
		w.mu.Unlock()
		w.strands.Go(func() { w.carry(here, there) })
		w.strands.Go(func() { w.carry(there, here) })
	}
}

func (w *Wire) carry(from, to net.Conn) {
	_, _ = io.Copy(to, from)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, end := range []net.Conn{from, to} {
		_ = end.Close()
		delete(w.ends, end)
	}
}

// Cut ends all connections.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for end := range w.ends {
		_ = end.Close()
	}
}
