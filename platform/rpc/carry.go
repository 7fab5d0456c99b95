package rpc

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"google.golang.org/grpc/metadata"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

const authorization = "authorization"

// outgoing returns ctx as the context of a question: it says whose request it is about, by the token that proves
// it, and which trace it belongs to. Of what came in with that request nothing else is handed on.
func outgoing(ctx context.Context) context.Context {
	sent := metadata.MD{}
	telemetry.Inject(ctx, carrier(sent))
	if token := auth.Token(ctx); token != "" {
		sent.Set(authorization, "Bearer "+token)
	}
	return metadata.NewOutgoingContext(ctx, sent)
}

// incoming returns ctx as the context of an answer: part of the trace of whoever asks.
func incoming(ctx context.Context) context.Context {
	sent, _ := metadata.FromIncomingContext(ctx)
	ctx = telemetry.Begin(telemetry.Extract(ctx, carrier(sent)))
	if id := telemetry.Correlation(ctx); id != "" {
		ctx = telemetry.With(ctx, slog.String("correlation_id", id))
	}
	return ctx
}

// identified returns ctx as that of whoever a question is asked for. Without a token it is asked by a process of
// the shop in its own name, or in that of somebody who has none.
func identified(ctx context.Context, verifier *auth.Verifier) (context.Context, error) {
	return verifier.Identify(ctx, metadata.ValueFromIncomingContext(ctx, authorization))
}

// A carrier is gRPC's metadata as package telemetry reads and writes it.
type carrier metadata.MD

// Get returns the first value of a key.
func (c carrier) Get(key string) string {
	if values := metadata.MD(c).Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Set gives a key one value.
func (c carrier) Set(key, value string) { metadata.MD(c).Set(key, value) }

// Keys are those that have values.
func (c carrier) Keys() []string { return slices.Collect(maps.Keys(c)) }
