package database

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	manifestName   = "manifest.json"
	manifestFormat = 1
)

// ReadBackup reads what a backup says of itself. The files are looked at when they are restored.
func ReadBackup(dir string) (*Backup, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, err
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%s is a file, and a backup is a folder", dir)
	}
	path := filepath.Join(dir, manifestName)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no backup, or one that was interrupted: there is no %s, which is written last", dir, manifestName)
	} else if err != nil {
		return nil, err
	}
	var b Backup
	var version struct{ Format int }
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if version.Format != manifestFormat {
		return nil, fmt.Errorf("%s is of format %d, and this program knows format %d: restore it with the program that made it", path, version.Format, manifestFormat)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	if digest, err := b.digest(); err != nil || digest != b.Digest {
		return nil, errors.Join(fmt.Errorf("%s is not as it was written: its digest differs", path), err)
	}
	return &b, nil
}

// write makes a folder with the files a backup.
func (b *Backup) write(dir string) error {
	var err error
	if b.Digest, err = b.digest(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return writeDurably(filepath.Join(dir, manifestName), append(text, '\n'))
}

// digest is that of everything else in the manifest.
func (b Backup) digest() (string, error) {
	b.Digest = ""
	text, err := json.Marshal(b)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), err
}
