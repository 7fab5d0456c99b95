package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"

	"modernc.org/sqlite"
)

// pagesAtOnce are copied between two looks at whether the copy is still wanted.
const pagesAtOnce = 1024

// copyTo makes a copy of the file as it is read, in a folder, and closes it. The copy is one file that
// needs no log beside it, is of the set, is whole as far as the engine can tell, and is on the disk.
func (f *cutFile) copyTo(ctx context.Context, dir string, set Set, told func(pages int)) (BackupFile, error) {
	copied := BackupFile{Module: f.module, Name: filepath.Base(f.path), Versions: f.versions}
	path := filepath.Join(dir, copied.Name)
	if err := newFile(path); err != nil {
		return copied, err
	}
	if err := f.copyPages(ctx, path, told); err != nil {
		return copied, roomless(dir, fmt.Errorf("copy %s: %w", f.path, err))
	}
	if err := f.close(); err != nil { // its log can be emptied again
		return copied, err
	}
	if err := intact(ctx, path); err != nil {
		return copied, fmt.Errorf("the copy of %s: %w", f.path, err)
	}
	var err error
	copied.Bytes, copied.SHA256, err = seal(path, set)
	return copied, roomless(dir, err)
}

// copyPages copies what the reader reads. The engine would begin anew whenever somebody writes, were it
// not that the reader's transaction is open already.
func (f *cutFile) copyPages(ctx context.Context, path string, told func(pages int)) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	// A copy that fails is thrown away: it needs no journal, and is flushed once, when it is sealed.
	target := fileURI(absolute, url.Values{"_pragma": {"journal_mode(OFF)", "synchronous(OFF)"}})
	return f.reader.Raw(func(connection any) (err error) {
		source, ok := connection.(interface {
			NewBackup(uri string) (*sqlite.Backup, error)
		})
		if !ok {
			return fmt.Errorf("the engine cannot copy databases: %w", errors.ErrUnsupported)
		}
		backup, err := source.NewBackup(target)
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if more, err = backup.Step(pagesAtOnce); err == nil {
				told(backup.PageCount() - backup.Remaining())
				err = ctx.Err()
			}
		}
		if finished := backup.Finish(); err == nil { // which says the same again otherwise
			err = finished
		}
		return err
	})
}

// intact asks the engine whether a file that nobody writes to is whole.
func intact(ctx context.Context, path string) (err error) {
	db, err := openFile(path, url.Values{"mode": {"ro"}, "immutable": {"1"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("it is damaged: %s", verdict)
	}
	return nil
}

// seal makes a file one of the set, flushes it, and says what it holds then.
func seal(path string, set Set) (size int64, sum string, err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := stampAs(file, set); err != nil {
		return 0, "", err
	}
	if err := file.Sync(); err != nil {
		return 0, "", err
	}
	digest := sha256.New()
	size, err = io.Copy(digest, file)
	return size, hex.EncodeToString(digest.Sum(nil)), err
}
