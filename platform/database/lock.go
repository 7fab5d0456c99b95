package database

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/gofrs/flock"
)

// A Folder is a data folder, which one process has for itself from Lock to Close.
type Folder struct {
	path string
	mu   sync.Mutex
	lock *flock.Flock // nil while it is not ours
}

const lockName = "LOCK"

// NewFolder returns the folder at a path. Nothing happens to it yet.
func NewFolder(path string) *Folder { return &Folder{path: path} }

// LockDir is NewFolder and Lock.
func LockDir(dir string) (*Folder, error) {
	f := NewFolder(dir)
	return f, f.Lock()
}

// Lock takes the folder for this process, creating it where it is missing; one that is ours already stays
// so. Nobody else can take it before it is closed or the process has ended. It is refused where a restore
// was interrupted, and where the databases in it are not of one set.
func (f *Folder) Lock() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lock != nil {
		return nil
	}
	if err := f.take(); err != nil {
		return err
	}
	if err := Whole(f.path); err != nil {
		return errors.Join(err, f.leave())
	}
	return nil
}

// take takes the folder whatever is in it.
func (f *Folder) take() error {
	if err := os.MkdirAll(f.path, 0o700); err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	path := filepath.Join(f.path, lockName)
	lock := flock.New(path, flock.SetPermissions(0o600))
	taken, err := lock.TryLock()
	if err != nil {
		return fmt.Errorf("data folder: lock %s: %w", path, err)
	}
	if !taken {
		return fmt.Errorf("data folder %s is in use by another process%s: stop it, or set PANGAEA_DATA_DIR", f.path, owner(path))
	}
	// Only for the message above: the lock itself is the kernel's and needs no clean-up.
	_ = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600)
	f.lock = lock
	return nil
}

// Path is where the folder is.
func (f *Folder) Path() string { return f.path }

// Close lets others take the folder. Its databases are closed before.
func (f *Folder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lock == nil {
		return nil
	}
	return f.leave()
}

func (f *Folder) leave() error {
	defer func() { f.lock = nil }()
	return f.lock.Close()
}

func owner(path string) string {
	text, err := os.ReadFile(path)
	pid := strings.TrimSpace(string(text))
	if err != nil || pid == "" {
		return ""
	}
	return " (pid " + pid + ")"
}
