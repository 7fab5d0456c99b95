package nats

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A link is a connection to the server that is made anew when it is needed and gone. The client can connect again by
// itself, and does not here: a connection that has ended has ended for everybody who waits for something on it.
type link struct {
	servers string
	secure  nats.Option // nil: as the servers want it

	mu     sync.Mutex
	conn   *connection
	closed bool
	failed error     // of the last attempt
	from   time.Time // nothing is attempted before
}

// A connection is one connection to the server.
type connection struct {
	*nats.Conn
	streams jetstream.JetStream
	lost    context.Context // ends with it
}

const (
	dialing   = 5 * time.Second
	heartbeat = 5 * time.Second // what is dead is given up after two of them
	pause     = 250 * time.Millisecond
)

// connection is the one there is, or a new one. For a moment after an attempt that failed none is made.
func (l *link) connection() (*connection, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return nil, errClosed
	case l.conn != nil && l.conn.IsConnected():
		return l.conn, nil
	case time.Now().Before(l.from):
		return nil, l.failed
	}
	if l.conn, l.failed = l.dial(); l.failed != nil {
		l.from = time.Now().Add(pause)
	}
	return l.conn, l.failed
}

func (l *link) dial() (*connection, error) {
	lost, lose := context.WithCancelCause(context.Background())
	options := []nats.Option{
		nats.Name("pangaea"), nats.NoReconnect(), nats.Timeout(dialing), nats.FlusherTimeout(dialing), // of every write
		nats.PingInterval(heartbeat), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			slog.WarnContext(lost, "NATS complains", "error", err)
		}),
		nats.ClosedHandler(func(conn *nats.Conn) { lose(errors.Join(errEnded, conn.LastError())) }),
	}
	if l.secure != nil {
		options = append(options, l.secure)
	}
	inner, err := nats.Connect(l.servers, options...)
	if err != nil {
		lose(err)
		return nil, fmt.Errorf("NATS cannot be reached: %w", err)
	}
	streams, err := jetstream.New(inner, jetstream.WithDefaultTimeout(dialing))
	return &connection{Conn: inner, streams: streams, lost: lost}, err
}

var errEnded = errors.New("the connection to NATS has ended")

// blame adds to the error of what was not answered that it was not allowed: the server says so on the side.
func (c *connection) blame(err error) error {
	if last := c.LastError(); errors.Is(last, nats.ErrPermissionViolation) {
		return errors.Join(err, last)
	}
	return err
}

// forbidden reports whether the server has said no, which it will say again.
func forbidden(err error) bool {
	return errors.Is(err, nats.ErrAuthorization) || errors.Is(err, nats.ErrPermissionViolation)
}

func (l *link) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.conn != nil {
		l.conn.Close()
	}
}
