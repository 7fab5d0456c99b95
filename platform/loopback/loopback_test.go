package loopback_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/loopback"
)

const another = "PANGAEA_TEST_ANOTHER_PROCESS"

const many = 500

// TestMain is also another process, which takes ports until it is told to end.
func TestMain(m *testing.M) {
	if os.Getenv(another) == "" {
		os.Exit(m.Run())
	}
	for range many {
		port, err := loopback.Port()
		if err != nil {
			panic(err)
		}
		fmt.Println(port)
	}
	_, _ = os.Stdin.Read(make([]byte, 1))
}

func TestAPortIsGivenOnce(t *testing.T) {
	executable, err := os.Executable()
	require.NoError(t, err)
	process := exec.Command(executable)
	process.Env = append(os.Environ(), another+"=1")
	end, err := process.StdinPipe()
	require.NoError(t, err)
	ports, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	defer func() { _ = end.Close(); require.NoError(t, process.Wait()) }()

	given := map[string]bool{}
	for theirs := bufio.NewScanner(ports); len(given) < many && theirs.Scan(); {
		given[theirs.Text()] = true
	}
	for range many {
		port, err := loopback.Port()
		require.NoError(t, err)
		given[port] = true
	}
	require.Len(t, given, 2*many)
}

func TestAProgramCanListenThere(t *testing.T) {
	for range many {
		address, err := loopback.Address()
		require.NoError(t, err)
		host, port, err := net.SplitHostPort(address)
		require.NoError(t, err)
		require.Equal(t, "127.0.0.1", host)
		number, err := strconv.Atoi(port)
		require.NoError(t, err)
		require.Less(t, number, 32768, "a connection could be given it")
		listener, err := net.Listen("tcp", address)
		require.NoError(t, err)
		require.NoError(t, listener.Close())
	}
}
