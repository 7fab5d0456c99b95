// Package rpc asks other processes what the contracts of modules ask, over gRPC.
//
//	asks ─▶ catalog.Prices ─▶ Peers ─▶ grpc ┄┄▶ grpc ─▶ Server ─▶ catalog.Prices ─▶ answers
//
// It knows no module. A module's xrpc package translates between its contract and the wire: it registers with
// the [Server] what answers, and asks over the connection that [Peers] give it. Whoever asks sees what it would
// see in one process: the same answers, the same errors by kind, code and field, its own deadline, its own
// cancellation. The answering side sees whose request it is about, verified again, and its trace.
//
// All questions are read-only, so that one which got no answer is asked again, of another instance if there is one.
package rpc

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc/grpclog"
)

// Settings say who answers where, and who waits how long.
type Settings struct {
	Address string        `env:"PANGAEA_GRPC_ADDR" doc:"where to answer other processes over gRPC; empty: nowhere"`
	Timeout time.Duration `env:"PANGAEA_GRPC_TIMEOUT" default:"2s" doc:"how long to wait for an answer over gRPC where whoever asks does not say"`
	Cert    string        `env:"PANGAEA_GRPC_CERT" doc:"PEM file of the certificate that names the modules of this process, for TLS over gRPC, with PANGAEA_GRPC_KEY and PANGAEA_GRPC_CA; empty: no TLS"`
	Key     string        `env:"PANGAEA_GRPC_KEY" doc:"PEM file of the certificate's private key"`
	CA      string        `env:"PANGAEA_GRPC_CA" doc:"PEM file of the authorities whose certificates are trusted over gRPC, on both ends"`
}

// maxMessage is how large a question or an answer may be: twice the largest honest one, which is about the prices
// of all 2000 lines of the longest order.
const maxMessage = 4 << 20

// grpc has its log as a variable of the package. It is set here, once, before anything runs.
func init() { grpclog.SetLoggerV2(grpclog.NewLoggerV2(quietly{}, quietly{}, quietly{})) }

// quietly logs what grpc says of itself, for whoever looks for a mistake: what became of each question is said
// elsewhere.
type quietly struct{}

func (quietly) Write(line []byte) (int, error) {
	slog.Debug("grpc", "said", string(line))
	return len(line), nil
}

// limited returns a context that has a deadline.
func limited(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if _, has := ctx.Deadline(); has {
		return ctx, func() {}
	}
	return context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s (PANGAEA_GRPC_TIMEOUT)", timeout))
}
