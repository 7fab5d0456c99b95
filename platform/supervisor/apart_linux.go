package supervisor

import "syscall"

// apart lets programs end when we tell them: what is typed at our terminal is not for them, and they do not outlive us.
func apart() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
