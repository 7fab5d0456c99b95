package database

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// limitSending has the system give up a connection on which nothing gets through (TCP_USER_TIMEOUT, tcp(7)). Otherwise it
// tries for a quarter of an hour.
func limitSending(network, _ string, socket syscall.RawConn) (err error) {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	if failed := socket.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silent.Milliseconds()))
	}); failed != nil {
		return failed
	}
	return err
}
