package supervisor

import (
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// leeway is by how much what a program waits for may be late, so that the system can wake it less often. Each of many Go
// programs, which has something to do every now and then, has a thread that looks around every 20 µs in between (sysmon):
// docs/decisions/0037.
const leeway = 2 * time.Millisecond

// begin starts a command that ends when we tell it: what is typed at our terminal is not for it, and it does not outlive
// us.
func begin(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	runtime.LockOSThread() // whose leeway the command inherits
	defer runtime.UnlockOSThread()
	if usual, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err == nil {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(leeway), 0, 0, 0) // without, it is only slower
		defer func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(usual), 0, 0, 0) }()
	}
	return command.Start()
}
