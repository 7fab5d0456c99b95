package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"github.com/pangaea-shop/pangaea/platform/auth"
)

// A Server answers the questions of other processes. Services are registered before it starts.
type Server struct {
	settings Settings
	grpc     *grpc.Server
	verifier *auth.Verifier
	metrics  *metrics
	address  string
	ended    chan error
}

// NewServer returns a server that does not listen yet. What it measures is registered with registry.
func NewServer(settings Settings, verifier *auth.Verifier, registry *prometheus.Registry) (*Server, error) {
	secure, err := settings.serverCredentials()
	if err != nil {
		return nil, err
	}
	s := &Server{settings: settings, verifier: verifier, metrics: newMetrics(registry, "server", "answered"), ended: make(chan error, 1)}
	s.grpc = grpc.NewServer(
		grpc.Creds(secure),
		grpc.UnaryInterceptor(s.answer),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxSendMsgSize(maxMessage),
		grpc.ConnectionTimeout(5*time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 5 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingAfter / 2, PermitWithoutStream: true}),
	)
	return s, nil
}

// RegisterService makes the server answer the questions of a service. It is for the code that is generated.
func (s *Server) RegisterService(service *grpc.ServiceDesc, answers any) {
	s.grpc.RegisterService(service, answers)
}

// answer surrounds every question: with whom it is asked for, with its trace, and with what becomes of errors.
func (s *Server) answer(ctx context.Context, question any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (reply any, err error) {
	begin := time.Now()
	ctx = incoming(ctx)
	defer func() {
		if cause := recover(); cause != nil {
			slog.ErrorContext(ctx, "question panicked", "method", info.FullMethod, "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
			reply, err = nil, status.Error(codes.Internal, internalMessage)
		}
		s.metrics.note(info.FullMethod, status.Code(err), time.Since(begin))
	}()
	asked, err := identified(ctx, s.verifier)
	if err == nil {
		reply, err = handle(asked, question)
	}
	if err != nil {
		return nil, send(ctx, info.FullMethod, err).Err()
	}
	return reply, nil
}

// Start listens, and answers until Stop. Without an address it has ended at once.
func (s *Server) Start(ctx context.Context) error {
	if s.settings.Address == "" {
		close(s.ended)
		return nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.settings.Address)
	if err != nil {
		return fmt.Errorf("listen for gRPC (PANGAEA_GRPC_ADDR): %w", err)
	}
	s.address = listener.Addr().String()
	go func() {
		defer close(s.ended)
		if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			s.ended <- fmt.Errorf("gRPC ended by itself: %w", err)
		}
	}()
	slog.InfoContext(ctx, "listening for gRPC", "address", s.address)
	return nil
}

// Ended gives an error if the server stops answering without being told to. It is closed when the server has ended.
func (s *Server) Ended() <-chan error { return s.ended }

// Address is where the server listens, once it does.
func (s *Server) Address() string { return s.address }

// patience is how long the server waits for its last answers: nobody waits longer for one.
const patience = 3 * time.Second

// Stop accepts nothing new and returns when every question is answered. Those that take longer than patience, or
// than ctx lasts, are cut off.
func (s *Server) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	defer context.AfterFunc(ctx, s.grpc.Stop)()
	s.grpc.GracefulStop()
	if ctx.Err() != nil {
		return fmt.Errorf("stop gRPC: %w", ctx.Err())
	}
	return nil
}
