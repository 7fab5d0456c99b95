// Package settings is the file of settings that a command writes modules' URLs to, passwords and all.
package settings

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	koanffile "github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

const preface = "# Where the modules reach what they need, and as whom. These are passwords: keep the file to its owner.\n# Other settings may stand here as well.\n"

// A File is a file of settings in which other settings, and comments, are left alone.
type File struct {
	Path    string
	there   bool
	mode    fs.FileMode
	text    string
	values  map[string]string // by their names in small letters
	changed bool
}

// New is a file that is written anew, whatever it had.
func New(path string) *File { return &File{Path: path, text: preface, values: map[string]string{}} }

// Open reads a file that may be missing, in a folder that may not.
func Open(path string) (*File, error) {
	if path == "" {
		return nil, errors.New("say with --out which file is to have the modules' URLs")
	}
	if folder, err := os.Stat(filepath.Dir(path)); err != nil || !folder.IsDir() {
		return nil, fmt.Errorf("there is no folder %s for the file: create it", filepath.Dir(path))
	}
	f := New(path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file: give the name of one, or of one to be", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	nested := koanf.New("_") // as the shop reads it
	if err := nested.Load(koanffile.Provider(path), yaml.Parser()); err != nil {
		return nil, fmt.Errorf("%s is no file of settings: %w", path, err)
	}
	for key, value := range nested.All() {
		f.values[strings.ToLower(key)] = fmt.Sprint(value)
	}
	f.there, f.mode, f.text = true, info.Mode().Perm(), string(text)
	return f, nil
}

// Names are those of all settings, as Value and Set take them, sorted.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.values)) }

// Value is that of a setting, "" if it has none.
func (f *File) Value(name string) string { return f.values[name] }

// Set gives a setting another value: in the place of the former one, or at the end.
func (f *File) Set(name, value string) {
	former := f.values[name]
	f.values[name], f.changed = value, true
	if former != "" && strings.Contains(f.text, former) {
		f.text = strings.ReplaceAll(f.text, former, value)
		return
	}
	f.text = strings.TrimRight(f.text, "\n") + "\n" + fmt.Sprintf("%s: %q\n", name, value)
}

// Write replaces the file as a whole, for its owner alone, and returns what was done to it.
func (f *File) Write() (done string, failed error) {
	switch {
	case f.changed:
	case f.there && f.mode != 0o600:
		return "is for its owner alone now", os.Chmod(f.Path, 0o600)
	default:
		return "", nil
	}
	next, err := os.CreateTemp(filepath.Dir(f.Path), "."+filepath.Base(f.Path)+"-*") // with mode 0600
	if err != nil {
		return "", err
	}
	defer func() {
		if failed != nil {
			_ = os.Remove(next.Name())
		}
	}()
	_, err = next.WriteString(f.text)
	if err = errors.Join(err, next.Sync(), next.Close()); err != nil {
		return "", err
	}
	if err := os.Rename(next.Name(), f.Path); err != nil {
		return "", err
	}
	folder, err := os.Open(filepath.Dir(f.Path))
	if err != nil {
		return "", err
	}
	return "has the modules' URLs, for its owner alone", errors.Join(folder.Sync(), folder.Close())
}

// NewPassword is 120 bits of chance, and of each kind of letter that servers insist on.
func NewPassword() string { return rand.Text()[:24] + "-a1" }
