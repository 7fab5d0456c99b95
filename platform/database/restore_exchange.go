package database

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// restoringName is the file that is there while files are being exchanged.
const restoringName = "RESTORING"

// restoring is what it says.
type restoring struct {
	Backup   Set    `json:"backup"`
	Set      Set    `json:"set"`      // of the new files
	Replaced string `json:"replaced"` // the folder for the old ones
}

// begun is a restore of b, which goes on where an earlier one was interrupted. It keeps the earlier one's
// set, by which files are known that were put there already, and its folder, where some old ones are.
func begun(b *Backup, before *restoring) restoring {
	if before != nil {
		return restoring{Backup: b.ID, Set: before.Set, Replaced: before.Replaced}
	}
	set := newSet()
	return restoring{Backup: b.ID, Set: set, Replaced: replacedPrefix + time.Now().UTC().Format("20060102-150405-") + set.String()}
}

const replacedPrefix = "replaced-"

// unfinished returns what a restore was at when it was interrupted, or nil.
func unfinished(dir string) (*restoring, error) {
	path := filepath.Join(dir, restoringName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var r restoring
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	return &r, nil
}

// unrestored returns an error if a restore of the folder was interrupted.
func unrestored(dir string) error {
	r, err := unfinished(dir)
	if err != nil || r == nil {
		return err
	}
	return fmt.Errorf("the restore of backup %s to data folder %s was interrupted: run pangaea restore again (what was there before goes to %s)",
		r.Backup, dir, filepath.Join(dir, r.Replaced))
}

// An exchange puts the files of a backup in the place of those in a data folder.
type exchange struct {
	restoring
	dir      string
	backup   *Backup
	progress Progress
}

// run exchanges what was prepared. Every step is one rename, and is on the disk before another relies on it.
func (x *exchange) run() error {
	old, err := x.old()
	if err != nil {
		return err
	}
	done, total := 0, len(old)+len(x.backup.Files)+1
	told := func() { x.progress("exchanging", done, total); done++ }
	told()
	if err := os.Rename(filepath.Join(x.stage(), restoringName), filepath.Join(x.dir, restoringName)); err != nil {
		return err
	}
	if err := x.swap(old, told); err != nil {
		return fmt.Errorf("%w: %w: run pangaea restore again", ErrHalfRestored, err)
	}
	return os.Remove(x.stage())
}

func (x *exchange) swap(old []string, told func()) error {
	replaced := filepath.Join(x.dir, x.Replaced)
	if len(old) > 0 {
		if err := os.MkdirAll(replaced, 0o700); err != nil {
			return err
		}
	}
	if err := syncFolder(x.dir); err != nil {
		return err
	}
	told()
	for _, name := range old {
		if err := x.aside(name); err != nil {
			return err
		}
		told()
	}
	if len(old) > 0 {
		if err := errors.Join(syncFolder(replaced), syncFolder(x.dir)); err != nil {
			return err
		}
	}
	for _, f := range x.backup.Files {
		if err := os.Rename(filepath.Join(x.stage(), f.Name), filepath.Join(x.dir, f.Name)); err != nil {
			return err
		}
		told()
	}
	return errors.Join(syncFolder(x.dir), os.Remove(filepath.Join(x.dir, restoringName)), syncFolder(x.dir))
}

// old lists the databases in the folder with what belongs to them.
func (x *exchange) old() ([]string, error) {
	entries, err := os.ReadDir(x.dir)
	var names []string
	for _, e := range entries {
		if !e.IsDir() && slices.Contains([]string{".db", ".db-wal", ".db-shm", ".db-journal"}, filepath.Ext(e.Name())) {
			names = append(names, e.Name())
		}
	}
	return names, err
}

// aside moves a file to those that are replaced. One that an interrupted restore put there is a copy that
// nobody has used, and is removed.
func (x *exchange) aside(name string) error {
	path, target := filepath.Join(x.dir, name), filepath.Join(x.dir, x.Replaced, name)
	if strings.HasSuffix(name, ".db") {
		if set, _, err := setOf(path); err != nil {
			return err
		} else if set == x.Set {
			return os.Remove(path)
		}
	}
	if exists(target) {
		return fmt.Errorf("%s is there already, and %s too", target, path)
	}
	return os.Rename(path, target)
}
