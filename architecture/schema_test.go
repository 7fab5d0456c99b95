package architecture

import (
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var (
	created = regexp.MustCompile(`(?i)CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?["` + "`" + `]?(\w+)`)
	comment = regexp.MustCompile(`--[^\n]*`)
	word    = regexp.MustCompile(`\w+`)
	asked   = regexp.MustCompile(`(?i)\b(?:FROM|JOIN|INTO|UPDATE)\s+(?:["` + "`" + `]?\w+["` + "`" + `]?\.)?["` + "`" + `]?(\w+)`)
)

// foreignTables reports migrations, and table names and statements in stores, that name a table another
// module created. Which tables a statement touches in the end is asked of the engines: see cmd/monolith.
func foreignTables(t tree) (broken []string) {
	owners := map[string]string{}
	for _, module := range t.modules() {
		for _, sql := range t.sqlFiles(module) {
			for _, match := range created.FindAllStringSubmatch(sql, -1) {
				owners[strings.ToLower(match[1])] = module
			}
		}
	}
	for _, module := range t.modules() {
		for path, sql := range t.sqlFiles(module) {
			for _, name := range word.FindAllString(comment.ReplaceAllString(sql, ""), -1) {
				if owner := owners[strings.ToLower(name)]; owner != "" && owner != module {
					broken = append(broken, path+" names "+owner+"'s table "+name)
				}
			}
		}
	}
	for _, p := range t.packages {
		if p.last() != "store" || p.module() == "" {
			continue
		}
		p.files(func(name string, _ *token.FileSet, file *ast.File) {
			ast.Inspect(file, func(node ast.Node) bool {
				literal, ok := node.(*ast.BasicLit)
				if ok && literal.Kind == token.STRING {
					named := []string{strings.Trim(literal.Value, "\"`")}
					for _, match := range asked.FindAllStringSubmatch(literal.Value, -1) {
						named = append(named, strings.ToLower(match[1]))
					}
					for _, table := range named {
						if owner := owners[table]; owner != "" && owner != p.module() {
							broken = append(broken, name+" names "+owner+"'s table "+table)
						}
					}
				}
				return true
			})
		})
	}
	slices.Sort(broken)
	return slices.Compact(broken)
}

// oneWayMigrations reports modules without migrations, and migrations without a way back.
func oneWayMigrations(t tree) (broken []string) {
	for _, module := range t.modules() {
		ups, _ := filepath.Glob(filepath.Join(t.dir, "migrations", module, "*", "*.up.sql"))
		if len(ups) == 0 {
			broken = append(broken, module+" has no migrations")
		}
		for _, up := range ups {
			if _, err := os.Stat(strings.TrimSuffix(up, ".up.sql") + ".down.sql"); err != nil {
				broken = append(broken, module+": "+filepath.Base(up)+" has no way back")
			}
		}
	}
	return broken
}
