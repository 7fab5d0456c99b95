package shop

import (
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/topology"
)

// Program is the name of the program that is for a process: that of its one module, the gateway, or the monolith's for
// a group. It is the folder of its main, too.
func Program(p *topology.Process) string {
	switch {
	case len(p.Modules) == 0:
		return "gateway"
	case len(p.Modules) == 1 && !p.Edge:
		return p.Modules[0]
	}
	return "monolith"
}

// Concerns reports whether a setting, by variable name, is for a process that hosts these modules. One that names
// another module is not: such are passwords above all.
func Concerns(variable string, hosted []string) bool {
	for _, p := range parts {
		if strings.HasPrefix(variable, "PANGAEA_"+strings.ToUpper(p.name)+"_") {
			return slices.Contains(hosted, p.name)
		}
	}
	return true
}
