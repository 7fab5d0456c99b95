//go:build !linux

package supervisor

import "syscall"

// apart lets programs end when we tell them: what is typed at our terminal is not for them.
func apart() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
