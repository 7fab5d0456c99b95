// Package loopback finds ports for programs that are started on this machine and told where to listen.
//
// That a port is free says nothing of the moment when the program listens at last: the system gives it to the next
// connection that somebody opens, and whoever looks for a free one finds it too. So a port of this package
//
//   - is below those that systems give to connections (from 32768 on Linux, from 49152 by RFC 6335), and
//   - is given once: while this process lives, nobody who asks here is given it again, in no other process either.
//     What shows that is the UDP port of the same number, which this process keeps as long as it lives.
package loopback

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
)

const lowest, beyond = 10_000, 32_768

var (
	mu   sync.Mutex
	kept []net.PacketConn // of the ports that were given
)

// Address is 127.0.0.1 with a [Port].
func Address() (string, error) {
	port, err := Port()
	return net.JoinHostPort("127.0.0.1", port), err
}

// Port returns a port of 127.0.0.1 where a program can listen, also after it was ended and started again.
func Port() (string, error) {
	var failed error
	for range 100 {
		port := strconv.Itoa(lowest + rand.N(beyond-lowest))
		if failed = take("127.0.0.1:" + port); failed == nil {
			return port, nil
		}
	}
	return "", fmt.Errorf("find a free port below %d: %w", beyond, failed)
}

// take keeps an address to ourselves, if nobody has it or listens there.
func take(address string) error {
	ours, err := net.ListenPacket("udp", address)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return errors.Join(err, ours.Close())
	}
	mu.Lock()
	defer mu.Unlock()
	kept = append(kept, ours)
	return listener.Close()
}
