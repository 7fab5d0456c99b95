package database

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// A Folder is a data folder that this process has for itself.
type Folder struct {
	path string
	lock *flock.Flock
}

// LockDir takes the data folder for this process, creating it where it is missing. Nobody else can take
// it before it is closed or the process has ended.
func LockDir(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	path := filepath.Join(dir, "LOCK")
	lock := flock.New(path, flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("data folder: lock %s: %w", path, err)
	}
	if !taken {
		return nil, fmt.Errorf("data folder %s is in use by another process%s: stop it, or set PANGAEA_DATA_DIR", dir, owner(path))
	}
	// Only for the message above: the lock itself is the kernel's and needs no clean-up.
	_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	return &Folder{path: dir, lock: lock}, nil
}

// Path is where the folder is.
func (f *Folder) Path() string { return f.path }

// Close lets others take the folder. Its databases are closed before.
func (f *Folder) Close() error { return f.lock.Close() }

func owner(path string) string {
	text, err := os.ReadFile(path)
	pid := strings.TrimSpace(string(text))
	if err != nil || pid == "" {
		return ""
	}
	return " (pid " + pid + ")"
}
