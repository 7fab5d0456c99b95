package main

import (
	"fmt"
	"os/user"
)

// operator is who runs the command, as the audit log names them.
func operator() (string, error) {
	who, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("find out who you are, for the audit log: %w", err)
	}
	return "operator:" + who.Username, nil
}
