package httpserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// listen opens a socket, or takes over one that whoever started the process has opened and keeps: then a
// restart refuses nobody, because connections wait in it meanwhile.
func listen(ctx context.Context, address string) (net.Listener, error) {
	number, handedDown := strings.CutPrefix(address, "fd:")
	if !handedDown {
		return new(net.ListenConfig).Listen(ctx, "tcp", address)
	}
	fd, err := strconv.ParseUint(number, 10, 16)
	if err != nil || fd < 3 {
		return nil, fmt.Errorf("%s names no socket that was handed down: their numbers begin with 3", address)
	}
	file := os.NewFile(uintptr(fd), address)
	defer func() { _ = file.Close() }() // the listener has a copy of its own
	listener, err := net.FileListener(file)
	if err != nil {
		return nil, fmt.Errorf("%s is no socket that listens: start this process by what opens it: %w", address, err)
	}
	if _, tcp := listener.(*net.TCPListener); !tcp {
		return nil, errors.Join(fmt.Errorf("%s listens to %s, which is not TCP", address, listener.Addr().Network()), listener.Close())
	}
	return listener, nil
}
