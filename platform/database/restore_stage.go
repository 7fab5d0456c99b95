package database

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// stagePrefix begins the names of folders in which a restore gets everything ready.
const stagePrefix = ".restoring-"

// prepare copies the files to a hidden folder in the data folder, as members of the new set, and flushes
// them. Where it fails it leaves nothing.
func (x *exchange) prepare(ctx context.Context, from string) (err error) {
	if err := clearStages(x.dir); err != nil {
		return err
	}
	if err := os.Mkdir(x.stage(), 0o700); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(roomless(x.dir, err), os.RemoveAll(x.stage()))
		}
	}()
	done, total := 0, int(x.backup.Bytes()>>10)
	for _, f := range x.backup.Files {
		told := func(n int64) { x.progress("copying", done+int(n>>10), total) }
		if err := x.copy(ctx, from, f, told); err != nil {
			return err
		}
		done += int(f.Bytes >> 10)
	}
	text, err := json.Marshal(x.restoring)
	if err != nil {
		return err
	}
	if err := writeDurably(filepath.Join(x.stage(), restoringName), append(text, '\n')); err != nil {
		return err
	}
	return errors.Join(syncFolder(x.stage()), syncFolder(x.dir))
}

// stage is the hidden folder.
func (x *exchange) stage() string { return filepath.Join(x.dir, stagePrefix+x.Set.String()) }

// clearStages removes what interrupted restores have left.
func clearStages(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), stagePrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}

// copy copies one file and compares it with what the backup says of it.
func (x *exchange) copy(ctx context.Context, from string, f BackupFile, told func(n int64)) (err error) {
	path := filepath.Join(from, f.Name)
	source, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: the backup is not complete", path)
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := os.OpenFile(filepath.Join(x.stage(), f.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	digest := sha256.New()
	size, err := io.Copy(io.MultiWriter(target, digest, &counter{ctx: ctx, told: told}), source)
	if err != nil {
		return fmt.Errorf("copy %s: %w", path, err)
	}
	if size != f.Bytes || hex.EncodeToString(digest.Sum(nil)) != f.SHA256 {
		return x.backup.differs(path)
	}
	if err := stampAs(target, x.Set); err != nil {
		return err
	}
	return target.Sync()
}

// differs says what is known of a file that is not the one that was backed up.
func (b *Backup) differs(path string) error {
	is, ok, err := setOf(path)
	if ok && err == nil && is != b.ID {
		return fmt.Errorf("%s is of set %s, and the backup is %s: it was put there afterwards", path, is, b.ID)
	}
	return fmt.Errorf("%s is not as it was written: its size or its digest differs", path)
}

// A counter tells how much was copied, and ends the copying when nobody wants it any more.
type counter struct {
	ctx  context.Context
	told func(n int64)
	sum  int64
}

// Write counts.
func (c *counter) Write(p []byte) (int, error) {
	c.sum += int64(len(p))
	c.told(c.sum)
	return len(p), c.ctx.Err()
}
