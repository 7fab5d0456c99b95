package httpserver

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"sync/atomic"
)

// net/http takes Transfer-Encoding and drops Content-Length where a request has both (RFC 9112, 6.3).
// A proxy before us may take the other, and see other requests than we do; so such a connection must
// not be trusted. The header is gone by the time a handler runs, so the connection itself looks for it.

// A watchful listener accepts connections that notice requests framed twice.
type watchful struct{ net.Listener }

func (l watchful) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn}, nil
}

// A watchedConn looks at the beginnings of the lines it reads.
type watchedConn struct {
	net.Conn
	line        []byte // the beginning of the current line, as far as it matters
	length      bool   // a Content-Length was seen in this block of lines
	encoding    bool   // a Transfer-Encoding was
	framedTwice atomic.Bool
	expected    bool // a request may be on its way that nobody has begun to answer
}

var (
	lengthName   = []byte("content-length:")
	encodingName = []byte("transfer-encoding:")
)

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.watch(p[:n])
	return n, err
}

// CloseWrite is how net/http says that an answer which ends a connection is complete.
func (c *watchedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// expect notes in count whether a request may be on its way.
func (c *watchedConn) expect(request bool, count *atomic.Int64) {
	switch {
	case request && !c.expected:
		count.Add(1)
	case !request && c.expected:
		count.Add(-1)
	}
	c.expected = request
}

func (c *watchedConn) watch(read []byte) {
	for len(read) > 0 {
		end := bytes.IndexByte(read, '\n')
		part, rest := read, []byte(nil)
		if end >= 0 {
			part, rest = read[:end], read[end+1:]
		}
		if room := len(encodingName) - len(c.line); room > 0 {
			c.line = append(c.line, part[:min(room, len(part))]...)
		}
		if end >= 0 {
			c.endLine()
		}
		read = rest
	}
}

// endLine judges a whole line. An empty one ends a request's head.
func (c *watchedConn) endLine() {
	switch line := bytes.ToLower(bytes.TrimRight(c.line, "\r")); {
	case len(line) == 0:
		c.length, c.encoding = false, false
	case bytes.HasPrefix(line, lengthName):
		c.length = true
	case bytes.HasPrefix(line, encodingName):
		c.encoding = true
	}
	if c.length && c.encoding {
		c.framedTwice.Store(true)
	}
	c.line = c.line[:0]
}

type connKey struct{}

func connContext(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, conn)
}

// connOf is the connection that a request came on; nil: it came on none.
func connOf(r *http.Request) *watchedConn {
	conn, _ := r.Context().Value(connKey{}).(*watchedConn)
	return conn
}

// framedTwice reports whether the request's connection has carried a request with both lengths.
func framedTwice(r *http.Request) bool {
	conn := connOf(r)
	return conn != nil && conn.framedTwice.Load()
}
