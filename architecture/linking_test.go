package architecture

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// linkedInsides reports mains in cmd/split/<module> that link of a module other than their own more than its
// contract and the package that asks it.
func linkedInsides(t tree) (broken []string) {
	for _, p := range t.packages {
		own, ok := strings.CutPrefix(p.path(), "cmd/split/")
		if !ok || p.Name != "main" {
			continue
		}
		list := exec.Command("go", "list", "-e", "-deps", "-f", "{{.ImportPath}}", p.ImportPath)
		list.Dir, list.Env = t.dir, append(os.Environ(), "GOPROXY=off")
		out, err := list.Output()
		if err != nil {
			return append(broken, p.path()+": "+err.Error())
		}
		for _, path := range strings.Fields(string(out)) {
			if theirs := moduleOf(path); theirs != "" && theirs != own && path != contractOf(theirs) && path != contractOf(theirs)+"/"+theirs+"rpc" {
				broken = append(broken, p.path()+" links "+strings.TrimPrefix(path, root+"/"))
			}
		}
	}
	return broken
}

// sqlFiles are a module's migrations by path.
func (t tree) sqlFiles(module string) map[string]string {
	files := map[string]string{}
	paths, _ := filepath.Glob(filepath.Join(t.dir, "migrations", module, "*", "*.sql"))
	for _, path := range paths {
		content, _ := os.ReadFile(path)
		relative, _ := filepath.Rel(t.dir, path)
		files[filepath.ToSlash(relative)] = string(content)
	}
	return files
}
