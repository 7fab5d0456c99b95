//go:build !linux

package supervisor

import (
	"os/exec"
	"syscall"
)

// begin starts a command that ends when we tell it: what is typed at our terminal is not for it.
func begin(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return command.Start()
}
