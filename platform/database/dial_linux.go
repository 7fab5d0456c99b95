package database

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// heeds has the system give up a connection that what was sent does not get through (TCP_USER_TIMEOUT, tcp(7)). Otherwise
// it tries for a quarter of an hour.
func heeds(network, _ string, socket syscall.RawConn) (err error) {
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
