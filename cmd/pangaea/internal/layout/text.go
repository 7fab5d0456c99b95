package layout

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Text prints the layout as tables.
func (l Layout) Text(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROCESS\tREPLICAS\tHTTP\tGRPC\tMODULES\tROUTES")
	for _, p := range l.Processes {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%s\t%s\n", p.label(), p.Replicas, listed(p.HTTP), listed(p.GRPC), listed(p.names()), p.count())
	}
	fmt.Fprintln(table)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(table, "MODULE\tPROCESS\tDATABASE\tBUS\tQUEUES")
	for _, p := range l.Processes {
		for _, m := range p.Modules {
			for i, d := range m.Databases {
				if i == 0 {
					fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", m.Name, p.Name, d.Where, cmp.Or(m.Bus, "in the process"), listed(m.Queues))
				} else {
					fmt.Fprintf(table, "%s\t%s\t%s\t-\t-\n", d.Owner, p.Name, d.Where)
				}
			}
		}
	}
	fmt.Fprintln(table)
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(table, "PATH\tMETHODS\tMODULE\tPROCESS\tPASSED ON BY")
	for _, r := range l.paths() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.path, strings.Join(r.methods, " "), r.module, l.Host(r.module).Name, listed(r.edges))
	}
	return table.Flush()
}

func (p Process) label() string {
	if p.Edge {
		return p.Name + " (edge)"
	}
	return p.Name
}

func (p Process) names() (names []string) {
	for _, m := range p.Modules {
		names = append(names, m.Name)
	}
	return names
}

// count says how many routes a process answers, and how many it passes on.
func (p Process) count() string {
	passed := 0
	for _, r := range p.Routes {
		if r.Passed != "" {
			passed++
		}
	}
	switch own := len(p.Routes) - passed; {
	case passed == 0:
		return strconv.Itoa(own)
	case own == 0:
		return fmt.Sprintf("passes on %d", passed)
	default:
		return fmt.Sprintf("%d, passes on %d", own, passed)
	}
}

// A path is all that can be asked at one.
type path struct {
	path, module   string
	methods, edges []string
}

func (l Layout) paths() (paths []path) {
	for _, p := range l.Processes {
		for _, r := range p.Routes {
			at := slices.IndexFunc(paths, func(known path) bool { return known.path == r.Path && known.module == r.Module })
			if at < 0 {
				at, paths = len(paths), append(paths, path{path: r.Path, module: r.Module})
			}
			if !slices.Contains(paths[at].methods, r.Method) {
				paths[at].methods = append(paths[at].methods, r.Method)
			}
			if r.Passed != "" && !slices.Contains(paths[at].edges, p.Name) {
				paths[at].edges = append(paths[at].edges, p.Name)
			}
		}
	}
	slices.SortFunc(paths, func(a, b path) int { return strings.Compare(a.path, b.path) })
	return paths
}

func listed(words []string) string { return cmp.Or(strings.Join(words, ", "), "-") }
