package layout

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// Problems are what keeps the shop from running as the file says, whether anything runs or not: one line each.
func (plan Plan) Problems() []string {
	f := findings{plan: plan, folders: map[string]string{}}
	if err := plan.Topology.Suits(plan.Shop); err != nil {
		f.problems = strings.Split(err.Error(), "\n")
	}
	for _, p := range plan.Topology.Processes() {
		if len(p.Modules) > 0 {
			f.look(p)
		}
	}
	return f.problems
}

// findings are what was found so far.
type findings struct {
	plan     Plan
	problems []string
	folders  map[string]string // who has embedded databases in a folder
	kind     string            // of message server, that events go over
	first    string            // whose events those were
}

func (f *findings) wrong(format string, args ...any) {
	if problem := fmt.Sprintf(format, args...); !slices.Contains(f.problems, problem) {
		f.problems = append(f.problems, problem)
	}
}

func (f *findings) look(p *topology.Process) {
	settings, err := f.plan.Settings(p)
	if err != nil {
		f.wrong("%s: %s", p.Name, err)
		return
	}
	addresses, err := bus.AddressesOf(settings, f.plan.Manifest)
	if err != nil {
		f.wrong("%s: %s", p.Name, err)
		return
	}
	places := app.Places(settings, topology.Place{Topology: f.plan.Topology, Process: p})
	for _, module := range p.Modules {
		if !slices.Contains(f.plan.Shop.Modules, module) {
			continue // that was said
		}
		f.carrier(p, module, addresses.Of(module))
		databases, err := f.plan.databases(module, places)
		if err != nil {
			f.wrong("%s: %s", p.Name, err)
			continue
		}
		for _, d := range databases {
			f.database(p, d)
		}
	}
}

// carrier finds modules that cannot reach each other.
func (f *findings) carrier(p *topology.Process, module, address string) {
	if address == "" {
		if other := f.partner(p, module); other != "" {
			f.wrong("%s has no bus, and events go between it and %s, which is in another process: give the file a bus, or set PANGAEA_BUS_URL", module, other)
		}
		return
	}
	kind := scheme(address)
	if f.kind == "" {
		f.kind, f.first = kind, module
	}
	if kind != f.kind {
		f.wrong("the events of %s go over %s, and those of %s over %s: they do not reach each other", f.first, f.kind, module, kind)
	}
}

// partner is a module in another process that hears this one, or that it hears.
func (f *findings) partner(p *topology.Process, module string) string {
	elsewhere := func(other string) bool { return other != module && !slices.Contains(p.Modules, other) }
	for _, source := range f.plan.Manifest.Sources(module) {
		if elsewhere(source) {
			return source
		}
	}
	for _, other := range f.plan.Manifest.Modules() {
		if elsewhere(other) && slices.Contains(f.plan.Manifest.Sources(other), module) {
			return other
		}
	}
	return ""
}

// database finds files that more than one process would open.
func (f *findings) database(p *topology.Process, d Database) {
	if strings.Contains(d.Where, "://") {
		return
	}
	folder := filepath.Dir(d.Where)
	if p.Replicas > 1 {
		f.wrong("%s has %d replicas, and its databases are files in %s, which belong to one process: give it a database", p.Name, p.Replicas, folder)
	}
	if other, taken := f.folders[folder]; taken && other != p.Name {
		f.wrong("%s and %s have their databases in the same folder %s, which belongs to one process: give each one data or a database", other, p.Name, folder)
		return
	}
	f.folders[folder] = p.Name
}
