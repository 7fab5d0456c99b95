package rabbitmq

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A link is a connection to the broker that is made anew when it is needed and gone.
type link struct {
	url     string
	user    string // as whom it signs in, "" if a certificate tells
	purpose string

	mu     sync.Mutex
	conn   *connection
	closed bool
	failed error     // of the last attempt
	from   time.Time // nothing is attempted before
}

// A connection is one connection to the broker.
type connection struct {
	*amqp.Connection
	blocked atomic.Pointer[string] // why the broker takes no messages
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
	case l.conn != nil && !l.conn.IsClosed():
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
	properties := amqp.NewConnectionProperties()
	properties.SetClientConnectionName("pangaea, " + l.purpose)
	inner, err := amqp.DialConfig(l.url, amqp.Config{Heartbeat: heartbeat, Properties: properties, Dial: amqp.DefaultDial(dialing)})
	if hungUp(err) && strings.HasPrefix(l.url, "amqps") {
		err = fmt.Errorf("it hung up, as one does that wants another client certificate: %w", err)
	}
	if err != nil {
		return nil, fmt.Errorf("RabbitMQ cannot be reached: %w", err)
	}
	conn := &connection{Connection: inner}
	changes := conn.NotifyBlocked(make(chan amqp.Blocking, 8)) // closed with the connection
	go func() {
		for change := range changes {
			if conn.blocked.Store(nil); change.Active {
				conn.blocked.Store(&change.Reason)
				slog.WarnContext(context.Background(), "RabbitMQ takes no messages for now", "reason", change.Reason)
			}
		}
	}()
	return conn, nil
}

// hungUp reports whether a connection ended before it was open. By TLS 1.3 a client may be refused when it takes itself
// for let in, and then have sent something before it reads why.
func hungUp(err error) bool {
	return errors.Is(err, amqp.ErrClosed) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || said(err, amqp.FrameError)
}

// refused is why the broker takes no messages, if it does not.
func (c *connection) refused() error {
	if reason := c.blocked.Load(); reason != nil {
		return fmt.Errorf("RabbitMQ takes no messages: %s", *reason)
	}
	return nil
}

// channel opens a channel.
func (l *link) channel() (*connection, *amqp.Channel, error) {
	conn, err := l.connection()
	if err != nil {
		return nil, nil, err
	}
	ch, err := conn.Channel()
	if err != nil {
		return nil, nil, fmt.Errorf("open a channel to RabbitMQ: %w", err)
	}
	return conn, ch, nil
}

// aside does something on a channel of its own: one on which something fails is closed.
func (l *link) aside(do func(*amqp.Channel) error) error {
	_, ch, err := l.channel()
	if err != nil {
		return err
	}
	return errors.Join(do(ch), closed(ch))
}

// forbidden reports whether the broker has said no, which it will say again, or is not who it should be.
func forbidden(err error) bool {
	var stranger *tls.CertificateVerificationError
	return said(err, amqp.AccessRefused, amqp.NotAllowed, amqp.PreconditionFailed) || errors.As(err, &stranger)
}

// said reports whether an error is the broker's, with one of these codes.
func said(err error, codes ...int) bool {
	var e *amqp.Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

func (l *link) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	if l.conn == nil {
		return nil
	}
	if err := l.conn.CloseDeadline(time.Now().Add(dialing)); !errors.Is(err, amqp.ErrClosed) {
		return err
	}
	return nil
}
