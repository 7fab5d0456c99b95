package supervisor_test

import (
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/pangaea-shop/pangaea/platform/supervisor"
)

// late is by how much the system may wake this program late.
func late() time.Duration {
	slack, _ := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	return time.Duration(slack)
}

// A supervisor that is killed takes its programs along: they would hold on to their addresses.
func TestNoProgramOutlivesItsSupervisor(t *testing.T) {
	t.Parallel()
	p, url := a(t, "supervisor", "supervisor")
	command := exec.Command(p.Path)
	command.Env = p.Env
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	require.Eventually(t, func() bool {
		answer, err := ask(url)
		return err == nil && answer != strconv.Itoa(command.Process.Pid)
	}, 30*time.Second, 10*time.Millisecond, "the server does not answer")

	require.NoError(t, command.Process.Kill())
	require.Error(t, command.Wait())

	require.Eventually(t, func() bool {
		_, err := ask(url)
		return err != nil
	}, 30*time.Second, 10*time.Millisecond, "the server outlives its supervisor")
}

// Programs may be woken late, so that many of them cost less.
func TestProgramsMayBeWokenLate(t *testing.T) {
	t.Parallel()
	var out printed
	p, _ := a(t, "late", "sleeper")
	s, err := supervisor.Start(t.Context(), supervisor.Options{Out: &out}, []supervisor.Program{p})
	require.NoError(t, err)
	require.NoError(t, s.Stop())
	require.Contains(t, out.String(), "may be woken 2ms late")
}
