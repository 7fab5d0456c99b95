package database

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// apart returns an error if one folder is in the other's place: what happens to the data folder must not
// happen to its backups.
func apart(data, backup string) error {
	data, err := realPath(data)
	if err != nil {
		return err
	}
	if backup, err = realPath(backup); err != nil {
		return err
	}
	if backup == data || strings.HasPrefix(backup, data+string(filepath.Separator)) {
		return fmt.Errorf("%s is in the data folder %s: a backup belongs elsewhere, on another disk at best", backup, data)
	}
	return nil
}

// realPath follows links as far as there is something.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) && filepath.Dir(path) != path {
		parent, err := realPath(filepath.Dir(path))
		return filepath.Join(parent, filepath.Base(path)), err
	}
	return real, err
}

// strangers returns an error if a database in the folder is not one that the program knows: it would be
// missing in the backup.
func strangers(dir string, known Known) error {
	names, err := databaseFiles(dir)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	for _, name := range names {
		if _, ok := known[strings.TrimSuffix(name, ".db")]; ok {
			continue
		}
		if _, ok, err := setOf(filepath.Join(dir, name)); err != nil {
			return err
		} else if ok {
			return fmt.Errorf("%s belongs to none of this program's modules: use the program that made it, or move it elsewhere", filepath.Join(dir, name))
		}
	}
	return nil
}

// vacant returns an error if there is something at the place of a new backup.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty: a backup needs a folder of its own", dir)
	}
	return nil
}

// makeFolder makes the folder of a backup, for its owner alone, and says how to take back what comes there.
func makeFolder(dir string) (remove func() error, err error) {
	_, err = os.Stat(dir)
	if err == nil {
		return func() error {
			entries, err := os.ReadDir(dir)
			for _, e := range entries {
				err = errors.Join(err, os.Remove(filepath.Join(dir, e.Name())))
			}
			return err
		}, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := syncFolder(filepath.Dir(dir)); err != nil {
		return nil, errors.Join(err, os.Remove(dir))
	}
	return func() error { return os.RemoveAll(dir) }, nil
}
