package httpserver

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"
)

// Status makes code the status of an operation's successful answer.
func Status(code int) func(*huma.Operation) {
	return func(o *huma.Operation) { o.DefaultStatus = code }
}

// OrStatus documents that an operation's successful answer may also come with status code.
func OrStatus(code int) func(*huma.Operation) {
	return func(o *huma.Operation) { o.Metadata[orStatusKey] = code }
}

const orStatusKey = "or-status"

// Summary says in a few words what an operation does.
func Summary(text string) func(*huma.Operation) {
	return func(o *huma.Operation) { o.Summary = text }
}

// Describe says in some sentences of Markdown what an operation promises.
func Describe(text string) func(*huma.Operation) {
	return func(o *huma.Operation) { o.Description = text }
}

// Streaming lets an operation's answer take as long as it likes: no deadline ends it, only the client's
// leaving or the server's stopping, both of which cancel the handler's context.
func Streaming(o *huma.Operation) {
	o.Middlewares = append(o.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		until, end := Endless(ctx.Context(), humagin.Unwrap(ctx).Writer)
		defer end()
		next(huma.WithContext(ctx, until))
	})
}

// farewell is how long a stream's last words may take when the server stops: a client that does not read
// must not hold it up.
const farewell = time.Second

// Endless takes the deadlines off an answer. The context it returns is done when the client leaves or the
// server stops; end is called when the answer is complete.
func Endless(ctx context.Context, w http.ResponseWriter) (until context.Context, end func()) {
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Time{}) // reached while waiting for the client to leave, it would cancel the request
	_ = control.SetWriteDeadline(time.Time{})
	until, cancel := context.WithCancel(ctx)
	told := context.AfterFunc(exchangeOf(ctx).stopping, func() {
		cancel()
		_ = control.SetWriteDeadline(time.Now().Add(farewell))
	})
	return until, func() { told(); cancel() }
}
