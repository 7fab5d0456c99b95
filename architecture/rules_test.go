package architecture

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A rule reports what breaks it, a line each.
type rule struct {
	name   string // the folder of its violation
	why    string
	broken func(tree) []string
}

var rules = []rule{
	{
		"modules-meet-at-contracts", "a module whose insides others import cannot move out",
		imports(func(p pkg, path string) bool {
			theirs := moduleOf(path)
			return p.module() != "" && theirs != "" && theirs != p.module() && path != contractOf(theirs)
		}),
	},
	{
		"only-mains-wire", "wiring that is imported elsewhere is a second, hidden composition root",
		imports(func(p pkg, path string) bool {
			return isWiring(path) && !p.within("cmd") && p.ImportPath != path && p.ImportPath != path+"_test"
		}),
	},
	{
		"contracts-depend-on-nothing", "whoever listens to a module links its contract, and nothing more",
		imports(func(p pkg, path string) bool {
			return p.path() == "modules/"+p.module() && p.module() != "" && !isStandard(path) && !slices.Contains(slices.Concat(p.TestImports, p.XTestImports), path)
		}),
	},
	{
		"the-domain-knows-no-framework", "rules of the shop outlive web frameworks, databases and buses",
		imports(func(p pkg, path string) bool {
			return isDomain(p) && slices.Contains(p.Imports, path) && anyUnder(path,
				"github.com/gin-gonic", "github.com/danielgtaylor/huma", "gorm.io", "github.com/ThreeDotsLabs", "go.uber.org/fx", "database/sql", "net/http")
		}),
	},
	{
		"gorm-stays-in-the-store", "rows that leave the store become everybody's schema",
		imports(func(p pkg, path string) bool {
			return p.module() != "" && p.last() != "store" && slices.Contains(p.Imports, path) && anyUnder(path, "gorm.io")
		}),
	},
	{
		"the-platform-knows-no-module", "the platform must make sense to a project that has never heard of shops",
		imports(func(p pkg, path string) bool { return p.within("platform") && moduleOf(path) != "" }),
	},
	{
		"packages-are-named-after-things", "nobody finds anything in a drawer called miscellaneous",
		func(t tree) (broken []string) {
			for _, p := range t.packages {
				for _, part := range strings.Split(p.path(), "/") {
					if slices.Contains([]string{"utils", "util", "common", "helpers", "helper", "shared", "misc"}, part) {
						broken = append(broken, p.path())
					}
				}
			}
			return broken
		},
	},
	{
		"a-split-binary-links-its-own-module", "a service that links another module's insides is a monolith in disguise",
		linkedInsides,
	},
	{
		"writes-go-through-the-unit-of-work", "the fence for moving a module sits in database.Do; a write beside it would be lost",
		calls(pkg.files, func(p pkg) bool { return p.module() != "" },
			"Begin", "BeginTx", "Transaction", "SavePoint", "AutoMigrate", "Migrator", "Open"),
	},
	{
		"the-domain-asks-nobody-the-time", "a rule that reads the clock cannot be tested at midnight",
		calls(pkg.files, isDomain, "Now"),
	},
	{
		"tests-do-not-skip", "a test that skips itself is green for ever; what was not tested is said and fails on CI",
		calls(pkg.tests, func(pkg) bool { return true }, "Skip", "Skipf", "SkipNow"),
	},
	{
		"proxies-rewrite", "what a Director sets, a client takes away again with its Connection header",
		names(pkg.files, "Director", "NewSingleHostReverseProxy"),
	},
	{
		"a-schema-has-one-owner", "a migration that names another module's table cannot run in a database of its own",
		foreignTables,
	},
	{
		"migrations-go-both-ways", "an operator must be able to step back",
		oneWayMigrations,
	},
}

func TestTheTreeKeepsEveryRule(t *testing.T) {
	here := load(t, "..")
	require.NotEmpty(t, here.modules())
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			require.Empty(t, rule.broken(here), rule.why)
		})
	}
}

func TestEveryRuleReportsItsViolation(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			dir := filepath.Join("testdata", "violations", rule.name)
			want, err := os.ReadFile(filepath.Join(dir, "reported.txt"))
			require.NoError(t, err, "a rule counts only after its test has been seen to fail")
			require.Equal(t, strings.TrimSpace(string(want)), strings.Join(rule.broken(load(t, dir)), "\n"))
		})
	}
}

func TestEveryViolationBelongsToARule(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("testdata", "violations"))
	require.NoError(t, err)
	for _, entry := range entries {
		require.True(t, slices.ContainsFunc(rules, func(r rule) bool { return r.name == entry.Name() }), entry.Name())
	}
}

// isDomain reports whether the package is one of a module's nouns: neither its store, its web nor a
// stand-in for the outside world.
func isDomain(p pkg) bool {
	parts := strings.Split(p.path(), "/")
	return len(parts) == 4 && parts[0] == "modules" && parts[2] == "internal" && !slices.Contains(outward, parts[3])
}

// outward are the packages of a module that face databases, browsers, mail servers or stand-ins for them.
var outward = []string{"store", "web", "simulator", "mail"}

func anyUnder(path string, dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(dir string) bool { return under(path, dir) })
}

// imports makes a rule of "no package may import that".
func imports(forbidden func(p pkg, path string) bool) func(tree) []string {
	return func(t tree) (broken []string) {
		for _, p := range t.packages {
			for _, path := range p.all() {
				if line := p.path() + " imports " + path; forbidden(p, path) && !slices.Contains(broken, line) {
					broken = append(broken, line)
				}
			}
		}
		return broken
	}
}

// source yields files of a package.
type source func(p pkg, yield func(name string, fileSet *token.FileSet, file *ast.File))

// calls makes a rule of "no such file of such a package calls a function or method of that name".
func calls(of source, in func(pkg) bool, names ...string) func(tree) []string {
	return func(t tree) (broken []string) {
		for _, p := range t.packages {
			if !in(p) {
				continue
			}
			of(p, func(name string, fileSet *token.FileSet, file *ast.File) {
				ast.Inspect(file, func(node ast.Node) bool {
					call, ok := node.(*ast.CallExpr)
					if !ok {
						return true
					}
					if selector, ok := call.Fun.(*ast.SelectorExpr); ok && slices.Contains(names, selector.Sel.Name) {
						broken = append(broken, fmt.Sprintf("%s:%d calls %s", name, fileSet.Position(call.Pos()).Line, selector.Sel.Name))
					}
					return true
				})
			})
		}
		return broken
	}
}

// names makes a rule of "no such file uses that name", whatever for.
func names(of source, forbidden ...string) func(tree) []string {
	return func(t tree) (broken []string) {
		for _, p := range t.packages {
			of(p, func(name string, fileSet *token.FileSet, file *ast.File) {
				ast.Inspect(file, func(node ast.Node) bool {
					if used, ok := node.(*ast.Ident); ok && slices.Contains(forbidden, used.Name) {
						broken = append(broken, fmt.Sprintf("%s:%d uses %s", name, fileSet.Position(used.Pos()).Line, used.Name))
					}
					return true
				})
			})
		}
		return broken
	}
}
