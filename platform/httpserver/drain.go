package httpserver

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// DrainingType is the type of the problem that /readyz tells while the process drains: it will be gone in a
// moment, and until then answers whatever it is sent.
const DrainingType = problemType + "draining"

// drain goes on as before for a while, and says to everybody that it will not for long: /readyz is 503, and
// each answer ends its connection. So whoever sends requests stops sending them, on connections that are
// open as well: when those are closed in the end, no request is on its way into them.
func (s *Server) drain(ctx context.Context) {
	if s.settings.Drain <= 0 || !s.ready.listening.Load() {
		return
	}
	slog.InfoContext(ctx, "draining", "for", s.settings.Drain)
	s.ready.draining.Store(true)
	enough := time.NewTimer(s.settings.Drain)
	defer enough.Stop()
	select {
	case <-enough.C:
	case <-ctx.Done():
	}
}

// lastComers is how long a connection may take to send its first request when nobody else is let in.
const lastComers = time.Second

// receiveLast lets nobody else in, and sees to it that whoever is in already is answered: from the moment that
// net/http shuts down it drops what it reads, also what was sent long before.
func (s *Server) receiveLast(ctx context.Context) {
	s.ready.draining.Store(true)
	if s.ready.listening.Swap(false) {
		_ = s.listener.Close() // which fails where it has been closed
		for range s.ended {
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lastComers)
	defer cancel()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for s.comers.Load() > 0 && ctx.Err() == nil {
		<-again.C
	}
}

// receive counts who has come and may have something to say.
func (s *Server) receive(conn net.Conn, state http.ConnState) {
	if watched, ok := conn.(*watchedConn); ok {
		watched.expect(state == http.StateNew || state == http.StateActive, &s.comers)
	}
}

// lastWords is what /readyz says meanwhile.
func lastWords() *Problem {
	p := newProblem(http.StatusServiceUnavailable, "draining", "this process is about to stop: send requests to another")
	p.header.Set("Retry-After", "1")
	return p
}
