package contract

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"iter"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
)

// A Source is what Go files say that a program cannot know of itself: what is written above its types,
// and which of them are events.
type Source struct {
	Events   []string          // types with a method EventName, as "<import path>.<Type>", sorted
	comments map[string]string // of types, named likewise, and of fields, as "<import path>.<Type>.<Field>"
}

// ReadSource reads the package in a folder, tests excluded. It looks at nothing that the package imports.
func ReadSource(folder, importPath string) (Source, error) {
	files, fileSet := []*ast.File{}, token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return Source{}, err
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(fileSet, name, nil, parser.ParseComments)
		if err != nil {
			return Source{}, err
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		return Source{}, fmt.Errorf("source of %s in %s: %w", importPath, folder, fs.ErrNotExist)
	}
	ignore := types.Config{Error: func(error) {}} // what is imported stays unknown
	checked, _ := ignore.Check(importPath, fileSet, files, nil)
	return Source{Events: events(checked), comments: comments(importPath, files)}, nil
}

// With returns both sources as one.
func (s Source) With(other Source) Source {
	all := Source{Events: slices.Concat(s.Events, other.Events), comments: map[string]string{}}
	slices.Sort(all.Events)
	maps.Copy(all.comments, s.comments)
	maps.Copy(all.comments, other.comments)
	return all
}

// comment is what is written about a type, or about one of its fields: there, or else about the field's type.
func (s Source) comment(t reflect.Type, field string) string {
	name := t.PkgPath() + "." + t.Name()
	if field == "" {
		return s.comments[name]
	}
	of, _ := t.FieldByName(field)
	return cmp.Or(s.comments[name+"."+field], s.comment(of.Type, ""))
}

func events(p *types.Package) (found []string) {
	for _, name := range p.Scope().Names() {
		declared, ok := p.Scope().Lookup(name).(*types.TypeName)
		if ok && types.NewMethodSet(types.NewPointer(declared.Type())).Lookup(p, "EventName") != nil {
			found = append(found, p.Path()+"."+name)
		}
	}
	return found
}

func comments(importPath string, files []*ast.File) map[string]string {
	found := map[string]string{}
	note := func(name string, groups ...*ast.CommentGroup) {
		for _, group := range groups {
			if text := strings.Join(strings.Fields(group.Text()), " "); text != "" && found[name] == "" {
				found[name] = text
			}
		}
	}
	look := func(node ast.Node) bool {
		declaration, ok := node.(*ast.GenDecl)
		if !ok || declaration.Tok != token.TYPE {
			return true
		}
		for _, spec := range declaration.Specs {
			declared := spec.(*ast.TypeSpec)
			name := importPath + "." + declared.Name.Name
			note(name, declared.Doc, declaration.Doc)
			for field := range fields(declared) {
				for _, of := range field.Names {
					note(name+"."+of.Name, field.Doc, field.Comment)
				}
			}
		}
		return false
	}
	for _, file := range files {
		ast.Inspect(file, look)
	}
	return found
}

// fields are those of a struct; another type has none.
func fields(declared *ast.TypeSpec) iter.Seq[*ast.Field] {
	structure, ok := declared.Type.(*ast.StructType)
	if !ok {
		return func(func(*ast.Field) bool) {}
	}
	return slices.Values(structure.Fields.List)
}
