package database

import (
	"context"
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// Connections to servers end by themselves when nothing comes from the other end any more.
func TestSilentConnectionsAreGivenUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	postgres, err := postgresGrammar{}.config("postgres://127.0.0.1/pangaea", "attic", readCommitted)
	require.NoError(t, err)
	mysql, err := mysqlGrammar{}.config("mysql://127.0.0.1/pangaea")
	require.NoError(t, err)

	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"PostgreSQL": postgres.DialFunc,
		"MySQL":      mysql.DialFunc,
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := dial(t.Context(), "tcp", listener.Addr().String())
			require.NoError(t, err)
			defer func() { require.NoError(t, conn.Close()) }()
			socket, err := conn.(syscall.Conn).SyscallConn()
			require.NoError(t, err)
			for what, option := range map[string]struct{ level, name, want int }{
				"what was sent":  {unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 15_000},
				"while it waits": {unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1},
				"from then on":   {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE, 5},
				"every":          {unix.IPPROTO_TCP, unix.TCP_KEEPINTVL, 5},
				"so often":       {unix.IPPROTO_TCP, unix.TCP_KEEPCNT, 2},
			} {
				got := 0
				var failed error
				require.NoError(t, socket.Control(func(fd uintptr) { got, failed = unix.GetsockoptInt(int(fd), option.level, option.name) }))
				require.NoError(t, failed)
				require.Equal(t, option.want, got, what)
			}
		})
	}
}

func TestASocketFileIsDialedAsWell(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server")
	listener, err := net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, listener.Close()) })
	conn, err := dialer.DialContext(t.Context(), "unix", path)
	require.NoError(t, err)
	require.NoError(t, conn.Close())
}
