// Package supervisor runs several programs on this machine as if they were one: it joins what they print, waits until
// all are ready, starts again what ends by itself, restarts them in turn, and stops all. Programs that others need
// are of an earlier stage: it is ready before the next starts, and it outlives that.
//
// A program's socket may belong to the supervisor, which hands it down: while the program is restarted, who connects
// waits and is not refused.
package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Program is one to run.
type Program struct {
	Name  string
	Path  string
	Env   []string // its whole environment
	Ready string   // URL that answers 200 while it can do its work, or tcp://host:port where it listens then; empty: it can as long as it runs
	// Listen is an address that the supervisor listens at for it; it finds the socket as file descriptor 3.
	Listen string
	Grace  time.Duration // how long it may take when it is told to stop, before it is killed; 20 s
}

// Options are how programs are run. Zero values are replaced.
type Options struct {
	Out     io.Writer     // what they print, each line after its program's name
	Colours bool          // names have colours
	Pause   time.Duration // before a program that ended is started again; twice as long each time, up to 5 s; 200 ms
	Limit   time.Duration // how long all may take until they are ready, and each that is restarted; 3 min
}

func (o Options) withDefaults() Options {
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Pause == 0 {
		o.Pause = 200 * time.Millisecond
	}
	if o.Limit == 0 {
		o.Limit = 3 * time.Minute
	}
	return o
}

// A Supervisor runs programs.
type Supervisor struct {
	options Options
	stages  [][]*program
	sockets []*os.File
	running sync.WaitGroup
}

// Start starts programs, and returns when all are ready: a stage's when those of the stage before are. Where one of
// them ends before that, all are stopped again, and the error has its last words.
func Start(ctx context.Context, options Options, stages ...[]Program) (*Supervisor, error) {
	s := &Supervisor{options: options.withDefaults()}
	if err := s.start(ctx, stages); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Supervisor) start(ctx context.Context, stages [][]Program) error {
	joined := newJoined(s.options, slices.Concat(stages...))
	for _, stage := range stages {
		var programs []*program
		for _, p := range stage {
			socket, err := s.socket(p)
			if err != nil {
				return err
			}
			programs = append(programs, newProgram(p, s.options, socket, joined.line(p)))
		}
		s.stages = append(s.stages, programs)
	}
	ctx, cancel := context.WithTimeout(ctx, s.options.Limit)
	defer cancel()
	for _, stage := range s.stages {
		ready := make(chan error, len(stage))
		for _, p := range stage {
			if err := p.start(); err != nil {
				return err
			}
			s.running.Go(p.keepRunning)
			go func() { ready <- p.ready(ctx, true) }()
		}
		for range stage {
			if err := <-ready; err != nil {
				return err
			}
		}
	}
	return nil
}

// socket listens for a program that wants it.
func (s *Supervisor) socket(p Program) (*os.File, error) {
	if p.Listen == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", p.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", p.Name, err)
	}
	socket, err := listener.(*net.TCPListener).File()
	if err = errors.Join(err, listener.Close()); err != nil {
		return nil, fmt.Errorf("listen for %s: %w", p.Name, err)
	}
	s.sockets = append(s.sockets, socket)
	return socket, nil
}

// Restart restarts all programs in turn: each is ready again before the next one is told to stop. One that does not
// become ready within the limit is the last one.
func (s *Supervisor) Restart(ctx context.Context) error {
	for _, p := range slices.Concat(s.stages...) {
		if err := p.restart(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Signal sends a signal to the program of that name, for whoever tries what happens then. It reports whether there is one.
func (s *Supervisor) Signal(name string, signal os.Signal) bool {
	for _, p := range slices.Concat(s.stages...) {
		if p.Name == name {
			p.signal(signal)
			return true
		}
	}
	return false
}

// Stop tells all programs to stop, the last stage first, and returns when they have ended.
func (s *Supervisor) Stop() error {
	for _, stage := range slices.Backward(s.stages) {
		var stopping sync.WaitGroup
		for _, p := range stage {
			stopping.Go(p.stop)
		}
		stopping.Wait()
	}
	s.running.Wait()
	var failed []error
	for _, socket := range s.sockets {
		failed = append(failed, socket.Close())
	}
	return errors.Join(failed...)
}

// asker asks whether a program is ready.
var asker = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func answers(ctx context.Context, url string) bool {
	if address, found := strings.CutPrefix(url, "tcp://"); found {
		conn, err := (&net.Dialer{Timeout: asker.Timeout}).DialContext(ctx, "tcp", address)
		return err == nil && conn.Close() == nil
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return false
	}
	response, err := asker.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
