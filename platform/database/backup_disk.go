package database

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	sqlite3 "modernc.org/sqlite/lib"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// newFile creates a file for its owner alone; SQLite would let others read it.
func newFile(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return file.Close()
}

// writeDurably writes a file so that it is there as a whole or not at all.
func writeDurably(path string, content []byte) error {
	unfinished := path + ".new"
	file, err := os.OpenFile(unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(unfinished, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes it durable which files are in a folder.
func syncFolder(dir string) error {
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// roomless says so if an error comes from a disk that is full.
func roomless(dir string, err error) error {
	if codeOf(err)&0xff == sqlite3.SQLITE_FULL || errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.New(fault.Unavailable, "there is not enough room on the disk of %s: %w", dir, err)
	}
	return err
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// onFile opens a file by itself, for a moment.
func onFile(path, mode string, do func(*sql.DB) error) error {
	db, err := openFile(path, url.Values{"mode": {mode}, "_pragma": {"busy_timeout(5000)"}})
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

// openFile opens a file as the engine does without our settings.
func openFile(path string, query url.Values) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	return sql.Open("sqlite", fileURI(absolute, query))
}

func fileURI(absolute string, query url.Values) string {
	return (&url.URL{Scheme: "file", Path: absolute, RawQuery: query.Encode()}).String()
}
