package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Restoration says what became of a data folder.
type Restoration struct {
	Backup   *Backup `json:"backup"`
	Set      Set     `json:"set"`                // which the files carry now
	Folder   string  `json:"folder"`             // the data folder
	Replaced string  `json:"replaced,omitempty"` // the folder in it with what was there before
}

// RestoreOptions say what is restored over what, and who wants to know.
type RestoreOptions struct {
	Known    Known    // the databases this program has
	Replace  bool     // a folder with a shop in it: that is moved aside
	Progress Progress // how far it has come
}

// ErrHalfRestored is in the error of a restore that ended when some files had been exchanged and others not.
// Nothing starts on such a folder until it is restored again, from the same backup or another.
var ErrHalfRestored = errors.New("the data folder is restored in part")

// Restore brings a backup to a data folder on which nothing runs.
//
//	copy to a hidden folder, comparing digests ─▶ put up RESTORING ─▶ move the old files aside
//	  ─▶ move the new ones to their place ─▶ take RESTORING down
//
// Where it ends before RESTORING is there, by a mistake or a power cut, nothing has changed; afterwards the
// folder refuses to be used until a restore has come to its end.
func Restore(ctx context.Context, from, into string, o RestoreOptions) (_ *Restoration, err error) {
	if err := apart(into, from); err != nil {
		return nil, err
	}
	b, err := ReadBackup(from)
	if err != nil {
		return nil, err
	}
	if err := b.suits(from, o.Known); err != nil {
		return nil, err
	}
	folder := NewFolder(into)
	if err := folder.take(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	before, err := unfinished(into)
	if err != nil {
		return nil, err
	}
	if err := empty(into); err != nil && before == nil && !o.Replace {
		return nil, err
	}
	x := exchange{dir: into, backup: b, progress: o.Progress, restoring: begun(b, before)}
	if err := x.prepare(ctx, from); err != nil {
		return nil, err
	}
	if err := x.run(); err != nil {
		return nil, err
	}
	restored := &Restoration{Backup: b, Set: x.Set, Folder: into}
	if replaced := filepath.Join(into, x.Replaced); exists(replaced) {
		restored.Replaced = replaced
	}
	return restored, nil
}

// suits returns an error if the backup holds what this program does not know.
func (b *Backup) suits(dir string, known Known) error {
	for _, f := range b.Files {
		versions, ok := known[f.Module]
		switch {
		case !ok || f.Name != f.Module+".db":
			return fmt.Errorf("%s holds %s, which belongs to none of this program's modules: use the program that took it, %s", dir, f.Name, b.Program)
		case f.after(versions):
			return fmt.Errorf("the schema of %s is newer than this program: use the program that took it, %s", filepath.Join(dir, f.Name), b.Program)
		}
	}
	if len(b.Files) == 0 {
		return fmt.Errorf("%s holds no databases", dir)
	}
	return nil
}

// empty returns an error if there is anything in a data folder but what a restore has left.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var names []string
	for _, e := range entries {
		if name := e.Name(); name != lockName && name != "lost+found" && !strings.HasPrefix(name, stagePrefix) && !strings.HasPrefix(name, replacedPrefix) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fmt.Errorf("data folder %s is not empty (%s): --replace moves its databases aside, to a folder in it", dir, strings.Join(names, ", "))
}
