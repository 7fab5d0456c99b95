package database

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"
)

// A Backup is a copy of all embedded databases of a shop as they were at one instant: a folder of complete
// SQLite files and of what is said here, which is written last. A folder without it is no backup.
type Backup struct {
	Format  int          `json:"format"`
	ID      Set          `json:"id"` // which its files carry
	TakenAt time.Time    `json:"taken_at"`
	Program string       `json:"program"` // that took it
	Files   []BackupFile `json:"files"`
	Digest  string       `json:"digest"` // SHA-256 of all of this without it
}

// A BackupFile is the copy of one database.
type BackupFile struct {
	Module string `json:"module"`
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	Versions
}

// Bytes are those of all its files.
func (b *Backup) Bytes() (sum int64) {
	for _, f := range b.Files {
		sum += f.Bytes
	}
	return sum
}

// BackupOptions say what is to be backed up, and who wants to know.
type BackupOptions struct {
	Known    Known    // the databases there have to be
	Program  string   // the version of this program
	Progress Progress // how far it has come
}

// Progress is told how far a step has come.
type Progress func(step string, done, total int)

// TakeBackup copies the databases in a data folder, where a shop may be running, to another folder, which
// must not exist or be empty. Nobody waits for it. Where it fails it leaves nothing.
func TakeBackup(ctx context.Context, from, to string, o BackupOptions) (_ *Backup, err error) {
	if err := apart(from, to); err != nil {
		return nil, err
	}
	if err := vacant(to); err != nil {
		return nil, err
	}
	if err := unrestored(from); err != nil {
		return nil, err
	}
	if err := strangers(from, o.Known); err != nil {
		return nil, err
	}
	c, err := openCut(ctx, from, slices.Collect(maps.Keys(o.Known)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := c.take(ctx); err != nil {
		return nil, err
	}
	if err := c.sound(ctx, o.Known); err != nil {
		return nil, err
	}
	remove, err := makeFolder(to)
	if err != nil {
		return nil, err
	}
	b := &Backup{Format: manifestFormat, ID: newSet(), TakenAt: c.at, Program: o.Program}
	if err := b.fill(ctx, c, to, o); err != nil {
		return nil, errors.Join(err, remove())
	}
	return b, nil
}

// sound returns an error if what was cut is not a shop that this program knows.
func (c *cut) sound(ctx context.Context, known Known) error {
	if err := unrestored(c.dir); err != nil { // by somebody who has begun in the meantime
		return err
	}
	sets := map[string]Set{}
	for _, f := range c.files {
		if err := f.describe(ctx); err != nil {
			return err
		}
		if f.versions.after(known[f.module]) {
			return fmt.Errorf("the schema of %s is newer than this program: use the newer program", f.path)
		}
		sets[filepath.Base(f.path)] = f.set
	}
	return ofOneSet(c.dir, sets)
}

// fill copies the files of a cut, and last of all says so.
func (b *Backup) fill(ctx context.Context, c *cut, to string, o BackupOptions) error {
	done, total := 0, 0
	for _, f := range c.files {
		total += f.pages
	}
	for _, f := range c.files {
		copied, err := f.copyTo(ctx, to, b.ID, func(pages int) { o.Progress("copying", done+pages, total) })
		if err != nil {
			return err
		}
		done += f.pages
		b.Files = append(b.Files, copied)
	}
	return roomless(to, b.write(to))
}
