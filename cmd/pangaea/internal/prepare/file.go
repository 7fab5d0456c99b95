package prepare

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/knadh/koanf/parsers/yaml"
	koanffile "github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"
)

const preface = "# Where the database of each module is, and for whom. These are passwords: keep the file to its owner.\n# Other settings may stand here as well.\n"

// A file is a file of settings in which other settings, and comments, are left alone.
type file struct {
	path     string
	there    bool
	mode     fs.FileMode
	text     string
	settings map[string]string // by their names in small letters
	changed  bool
}

// openFile reads a file that may be missing, in a folder that may not.
func openFile(path string) (*file, error) {
	if path == "" {
		return nil, errors.New("say with --out which file is to have the modules' URLs")
	}
	if folder, err := os.Stat(filepath.Dir(path)); err != nil || !folder.IsDir() {
		return nil, fmt.Errorf("there is no folder %s for the file: create it", filepath.Dir(path))
	}
	f := &file{path: path, text: preface, settings: map[string]string{}}
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
		f.settings[strings.ToLower(key)] = fmt.Sprint(value)
	}
	f.there, f.mode, f.text = true, info.Mode().Perm(), string(text)
	return f, nil
}

// has takes an account's password from the file, which may say of the URL's other parts what it likes.
func (f *file) has(a *account) error {
	value := f.settings[a.setting]
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != a.url.Scheme || u.Path != a.url.Path || u.User.Username() != a.role {
		return fmt.Errorf("%s in %s is not for %s in %s%s: give the --name it was made with, or another file", a.setting, f.path, a.role, a.url.Host, a.url.Path)
	}
	a.url = u
	a.password, _ = u.User.Password()
	return nil
}

// set puts an account's URL into the text: in the place of the former one, or at the end.
func (f *file) set(a *account) {
	former := f.settings[a.setting]
	f.settings[a.setting], f.changed = a.address(), true
	if former != "" && strings.Contains(f.text, former) {
		f.text = strings.ReplaceAll(f.text, former, a.address())
		return
	}
	f.text = strings.TrimRight(f.text, "\n") + "\n" + fmt.Sprintf("%s: %q\n", a.setting, a.address())
}

// write replaces the file as a whole, for its owner alone, and returns what was done to it.
func (f *file) write() (done string, failed error) {
	switch {
	case f.changed:
	case f.there && f.mode != 0o600:
		return "is for its owner alone now", os.Chmod(f.path, 0o600)
	default:
		return "", nil
	}
	next, err := os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+"-*") // with mode 0600
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
	if err := os.Rename(next.Name(), f.path); err != nil {
		return "", err
	}
	folder, err := os.Open(filepath.Dir(f.path))
	if err != nil {
		return "", err
	}
	return "has the modules' URLs, for its owner alone", errors.Join(folder.Sync(), folder.Close())
}
