package topology

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A Shop is what a topology has to suit: the modules there are, and who asks whom questions that are answered at once.
type Shop struct {
	Modules   []string
	Questions map[string][]string // the modules that each one asks
}

// Suits returns an error for everything that keeps a shop from running in this topology.
func (t *Topology) Suits(shop Shop) error {
	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for _, p := range t.Processes() {
		for _, module := range p.Modules {
			if !slices.Contains(shop.Modules, module) {
				wrong("%s hosts %s, and there is no such module: there are %s", p.Name, module, strings.Join(shop.Modules, ", "))
			}
		}
	}
	for _, module := range shop.Modules {
		p := t.Host(module)
		if p == nil {
			wrong("no process hosts %s", module)
			continue
		}
		for _, asked := range shop.Questions[module] {
			if answers := t.Host(asked); answers != nil && answers != p && len(answers.GRPC) == 0 {
				wrong("%s asks %s, and the process %s has no grpc address", module, asked, answers.Name)
			}
		}
	}
	if !slices.ContainsFunc(t.Processes(), func(p *Process) bool { return p.Edge }) && len(t.processes) > 1 {
		wrong("no process is the edge: one without modules, or one with edge: true")
	}
	return errors.Join(problems...)
}
