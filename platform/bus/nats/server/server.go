// Package server is a NATS with JetStream in this process, for trying a split with nothing but Go. It knows no users:
// whoever reaches it may read and write every message.
package server

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gofrs/flock"
	nats "github.com/nats-io/nats-server/v2/server"
)

// A Server is a running message server.
type Server struct {
	inner *nats.Server
	lock  *flock.Flock
}

// Start starts a server that listens at address, such as 127.0.0.1:4222, and keeps messages in dir, which is its own
// until it is stopped or the process has ended. What it has confirmed is on the disk, flushed.
func Start(address, dir string) (*Server, error) {
	options, err := listening(address)
	if err != nil {
		return nil, err
	}
	lock, err := take(dir)
	if err != nil {
		return nil, err
	}
	options.JetStream, options.StoreDir, options.SyncAlways = true, dir, true
	options.NoSigs = true // they are the process's
	s, err := start(options)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return &Server{s, lock}, nil
}

func listening(address string) (*nats.Options, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("port %q is no number", port)
	}
	if number == 0 {
		number = nats.RANDOM_PORT
	}
	return &nats.Options{Host: host, Port: number}, nil
}

// take takes the folder: two servers that write into one destroy it.
func take(dir string) (*flock.Flock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder of messages: %w", err)
	}
	lock := flock.New(filepath.Join(dir, "in-use"), flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	switch {
	case err != nil:
		return nil, fmt.Errorf("folder of messages: %w", err)
	case !taken:
		return nil, fmt.Errorf("folder of messages %s is in use by another process", dir)
	}
	return lock, nil
}

func start(options *nats.Options) (*nats.Server, error) {
	inner, err := nats.NewServer(options)
	if err != nil {
		return nil, err
	}
	var told log
	inner.SetLoggerV2(&told, false, false, false)
	inner.Start()
	if err := told.fatal(); err != nil {
		inner.Shutdown()
		inner.WaitForShutdown()
		return nil, err
	}
	return inner, nil
}

// URL is where the server can be reached.
func (s *Server) URL() string { return "nats://" + s.inner.Addr().String() }

// Stop ends all connections and waits until everything is written.
func (s *Server) Stop() error {
	s.inner.Shutdown()
	s.inner.WaitForShutdown()
	return s.lock.Close()
}
