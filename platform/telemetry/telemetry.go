// Package telemetry carries along what a piece of work belongs to.
//
// A request or message has a trace (W3C trace context), a correlation id, which is the same for
// everything one request brought about, and a causation id, which is the message that led to it. They
// travel in the context within a process, and under the keys below in headers and messages between them:
//
//	edge ─Begin▶ ctx ─Inject▶ outbox row ─▶ message ─Extract▶ handler's ctx ─Inject▶ …
package telemetry

import (
	"context"
	"crypto/rand"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// The keys of correlation and causation beside the trace context's own traceparent and tracestate.
const (
	CorrelationID = "correlation-id"
	CausationID   = "causation-id"
)

type key string

// WithCorrelation returns a context of the work that began as id.
func WithCorrelation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, key(CorrelationID), id)
}

// Correlation is the id of what the work began as, or empty.
func Correlation(ctx context.Context) string { return value(ctx, CorrelationID) }

// WithCausation returns a context of work that the message with that id leads to.
func WithCausation(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, key(CausationID), id)
}

// Causation is the id of the message that led to the work, or empty.
func Causation(ctx context.Context) string { return value(ctx, CausationID) }

func value(ctx context.Context, name string) string {
	s, _ := ctx.Value(key(name)).(string)
	return s
}

// Begin returns a context that belongs to a trace: to a new one if ctx belongs to none.
func Begin(ctx context.Context) context.Context {
	if trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	var c trace.SpanContextConfig
	_, _ = rand.Read(c.TraceID[:]) // never fails
	_, _ = rand.Read(c.SpanID[:])
	c.TraceFlags = trace.FlagsSampled
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(c))
}

// TraceID is the id of the trace that the work belongs to, or empty.
func TraceID(ctx context.Context) string {
	if c := trace.SpanContextFromContext(ctx); c.HasTraceID() {
		return c.TraceID().String()
	}
	return ""
}

// Inject writes what ctx belongs to into a carrier of headers or metadata.
func Inject(ctx context.Context, c propagation.TextMapCarrier) {
	propagation.TraceContext{}.Inject(ctx, c)
	for _, name := range []string{CorrelationID, CausationID} {
		if v := value(ctx, name); v != "" {
			c.Set(name, v)
		}
	}
}

// Extract returns a context that belongs to what the carrier says.
func Extract(ctx context.Context, c propagation.TextMapCarrier) context.Context {
	ctx = propagation.TraceContext{}.Extract(ctx, c)
	for _, name := range []string{CorrelationID, CausationID} {
		if v := c.Get(name); v != "" {
			ctx = context.WithValue(ctx, key(name), v)
		}
	}
	return ctx
}
