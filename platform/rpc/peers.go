package rpc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/pangaea-shop/pangaea/platform/discovery"
)

// Peers are the processes of the shop that answer questions.
type Peers struct {
	settings  Settings
	directory discovery.Directory
	metrics   *metrics
	secure    credentials.TransportCredentials

	mu    sync.Mutex
	known map[string]*grpc.ClientConn
}

// NewPeers returns the processes that directory finds. What is measured is registered with registry.
func NewPeers(settings Settings, directory discovery.Directory, registry *prometheus.Registry) (*Peers, error) {
	if settings.Timeout <= 0 {
		return nil, fmt.Errorf("PANGAEA_GRPC_TIMEOUT is %s: it must be above zero", settings.Timeout)
	}
	secure, err := settings.clientCredentials()
	if err != nil {
		return nil, err
	}
	return &Peers{
		settings: settings, directory: directory, metrics: newMetrics(registry, "client", "asked"),
		secure: secure, known: map[string]*grpc.ClientConn{},
	}, nil
}

// pingAfter is how long a connection may be silent before whoever asks makes sure that it still is one.
const pingAfter = 10 * time.Second

// policy takes instances in turn, waits for one while there is none, and asks again where a connection broke.
const policy = `{
	"loadBalancingConfig": [{"round_robin": {}}],
	"methodConfig": [{
		"name": [{}],
		"waitForReady": true,
		"retryPolicy": {
			"maxAttempts": 4, "initialBackoff": "0.02s", "maxBackoff": "0.5s", "backoffMultiplier": 3,
			"retryableStatusCodes": ["UNAVAILABLE"]
		}
	}]
}`

// Dial returns the way to the instances that host a module, of which there need be none yet: a question waits for
// one as long as its deadline allows, and is then fault.Unavailable. It connects when it is first used.
func (p *Peers) Dial(module string) (grpc.ClientConnInterface, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if known, ok := p.known[module]; ok {
		return known, nil
	}
	found := builder{p.directory}
	conn, err := grpc.NewClient(found.Scheme()+":///"+module,
		grpc.WithResolvers(found),
		grpc.WithNoProxy(),
		grpc.WithTransportCredentials(p.secure),
		grpc.WithDefaultServiceConfig(policy),
		grpc.WithUnaryInterceptor(p.asker(module)),
		grpc.WithDefaultCallOptions(
			grpc.MaxCallSendMsgSize(maxMessage), grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxRetryRPCBufferSize(maxMessage)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingAfter, Timeout: 3 * time.Second, PermitWithoutStream: true}),
		grpc.WithConnectParams(grpc.ConnectParams{ // an instance that is back is found soon
			Backoff:           backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second},
			MinConnectTimeout: 2 * time.Second,
		}),
	)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", module, err)
	}
	p.known[module] = conn
	return conn, nil
}

// asker surrounds every question to a module: with a deadline, with whom it is asked for, with its trace, and with
// what errors mean here.
func (p *Peers) asker(module string) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, question, reply any, conn *grpc.ClientConn, ask grpc.UnaryInvoker, options ...grpc.CallOption) error {
		begin := time.Now()
		asked, cancel := limited(ctx, p.settings.Timeout)
		defer cancel()
		err := ask(outgoing(asked), method, question, reply, conn, options...)
		p.metrics.note(method, status.Code(err), time.Since(begin))
		return explain(asked, ctx, module, err)
	}
}

// Close ends all connections. What is being asked fails.
func (p *Peers) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var failed []error
	for _, conn := range p.known {
		failed = append(failed, conn.Close())
	}
	clear(p.known)
	return errors.Join(failed...)
}
