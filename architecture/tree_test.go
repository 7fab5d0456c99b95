// Package architecture holds the rules that keep the parts apart, as tests over whatever is found in
// the tree. Each rule comes with a small tree under testdata/violations that breaks it, which it must report.
package architecture

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "github.com/pangaea-shop/pangaea"

// A tree is a checkout, or the part of one that breaks a rule.
type tree struct {
	dir      string
	packages []pkg
}

// A pkg is a package as `go list` sees it, tests included.
type pkg struct {
	ImportPath   string
	Dir          string
	Name         string
	Imports      []string
	TestImports  []string
	XTestImports []string
	GoFiles      []string
	TestGoFiles  []string
	XTestGoFiles []string
}

func load(t *testing.T, dir string) tree {
	t.Helper()
	list := exec.Command("go", "list", "-e", "-json", "./...")
	list.Dir, list.Env = dir, append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOPROXY=off")
	out, err := list.Output()
	require.NoError(t, err, "go list in %s", dir)
	found := tree{dir: dir}
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return found
		} else {
			require.NoError(t, err)
		}
		found.packages = append(found.packages, p)
	}
}

// path is where the package is in the tree, such as "modules/ordering/internal/order".
func (p pkg) path() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, root), "/")
}

// within reports whether the package is dir or beneath it.
func (p pkg) within(dir string) bool { return under(p.path(), dir) }

// module is the business module the package belongs to, or "".
func (p pkg) module() string { return moduleOf(p.ImportPath) }

// last is the last element of the package's path.
func (p pkg) last() string { return filepath.Base(p.ImportPath) }

// all are the packages it imports, those of its tests included.
func (p pkg) all() []string {
	return slices.Concat(p.Imports, p.TestImports, p.XTestImports)
}

// files are the package's own source files, parsed; tests are not among them.
func (p pkg) files(yield func(name string, fileSet *token.FileSet, file *ast.File)) {
	p.parse(p.GoFiles, yield)
}

// tests are the files of the package's tests, parsed.
func (p pkg) tests(yield func(name string, fileSet *token.FileSet, file *ast.File)) {
	p.parse(slices.Concat(p.TestGoFiles, p.XTestGoFiles), yield)
}

func (p pkg) parse(names []string, yield func(name string, fileSet *token.FileSet, file *ast.File)) {
	for _, name := range names {
		fileSet := token.NewFileSet()
		file, err := parser.ParseFile(fileSet, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err == nil {
			yield(filepath.Join(p.path(), name), fileSet, file)
		}
	}
}

func under(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// moduleOf is the business module an import path belongs to, or "".
func moduleOf(importPath string) string {
	rest, ok := strings.CutPrefix(importPath, root+"/modules/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// contractOf is the package of a module that others may import.
func contractOf(module string) string { return root + "/modules/" + module }

// isWiring reports whether a package puts a module together, or puts it in touch with other processes.
func isWiring(importPath string) bool {
	module := moduleOf(importPath)
	own := contractOf(module) + "/" + module
	return importPath == own+"fx" || importPath == own+"rpc"
}

func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// modules are the names of the folders in modules/.
func (t tree) modules() []string {
	entries, _ := os.ReadDir(filepath.Join(t.dir, "modules"))
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names
}
