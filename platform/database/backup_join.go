package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	sqlite3 "modernc.org/sqlite/lib"
)

// joinSet lets a database that is not there yet be of the set that the others in its folder are of: that of
// a module which is new in a shop that was restored once.
func joinSet(ctx context.Context, path string) error {
	names, err := databaseFiles(filepath.Dir(path))
	switch {
	case errors.Is(err, fs.ErrNotExist), exists(path), len(names) == 0:
		return nil
	case err != nil:
		return err
	}
	set, err := setBeside(ctx, filepath.Dir(path), names)
	if err != nil || set == 0 {
		return err
	}
	// The file has its place only when it says of which set it is.
	begun := path + ".new"
	if err := os.Remove(begun); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := newFile(begun); err != nil {
		return err
	}
	if err := onFile(begun, "rw", func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", uint32(set)))
		return err
	}); err != nil {
		return err
	}
	return errors.Join(os.Rename(begun, path), syncFolder(filepath.Dir(path)))
}

// setBeside asks the first of the files that is a database for its set. It has the engine read it: reading a
// file that this process may have open would take its locks off it.
func setBeside(ctx context.Context, dir string, names []string) (set Set, err error) {
	for _, name := range names {
		err = onFile(filepath.Join(dir, name), "ro", func(db *sql.DB) error {
			return db.QueryRowContext(ctx, "PRAGMA user_version").Scan(&set)
		})
		if codeOf(err)&0xff != sqlite3.SQLITE_NOTADB {
			return set, err
		}
	}
	return 0, nil
}
