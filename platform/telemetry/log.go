package telemetry

import (
	"context"
	"io"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"
)

// NewLogger returns a logger that writes one line per record to w: JSON, or for people if text is wanted.
// Every line says what With told the record's context, and the trace it belongs to.
func NewLogger(w io.Writer, text bool, level slog.Level) *slog.Logger {
	if text {
		return slog.New(logHandler{newTextHandler(w, level)})
	}
	return slog.New(logHandler{slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})})
}

// With returns a context whose log lines also say attrs, such as the id of a request or an order.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	said, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return context.WithValue(ctx, attrsKey{}, append(slices.Clip(said), attrs...))
}

type attrsKey struct{}

// A logHandler adds what the context knows to each record.
type logHandler struct{ slog.Handler }

func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	if said, ok := ctx.Value(attrsKey{}).([]slog.Attr); ok {
		record.AddAttrs(said...)
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		record.AddAttrs(slog.String("trace_id", span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.Handler.WithAttrs(attrs)}
}

func (h logHandler) WithGroup(name string) slog.Handler { return logHandler{h.Handler.WithGroup(name)} }
