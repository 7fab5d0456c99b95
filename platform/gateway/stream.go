package gateway

import (
	"context"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

func isStream(response *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	return kind == "text/event-stream"
}

// readWithin is how long a client may take to read a piece of a stream: one that does not read is gone.
const readWithin = 10 * time.Second

// A stream is the body of an answer that goes on for as long as there is something to tell, the client stays
// and the gateway runs. When the gateway stops, it ends as if the module had ended it: the client comes again.
type stream struct {
	io.ReadCloser
	until   context.Context
	end     func()
	control *http.ResponseController
}

func newStream(ctx context.Context, w http.ResponseWriter, body io.ReadCloser) *stream {
	until, end := httpserver.Endless(ctx, w)
	stop := context.AfterFunc(until, func() { _ = body.Close() }) // wakes whoever reads
	return &stream{body, until, func() { stop(); end() }, http.NewResponseController(w)}
}

// Read gives the client time to read what comes, which is written and flushed after each Read.
func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	if s.until.Err() != nil {
		return n, io.EOF
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(readWithin)) // a writer in memory has none
	return n, err
}

func (s *stream) Close() error {
	s.end()
	return s.ReadCloser.Close()
}

// buffers are what answers pass through.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if buffer, ok := b.pool.Get().(*[]byte); ok {
		return *buffer
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(buffer []byte) { b.pool.Put(&buffer) }
