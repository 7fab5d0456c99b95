package census

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/topology"
)

// Differences says in one line each where what runs is not what the topology says.
func Differences(t *topology.Topology, instances []Instance) (differences []string) {
	for _, p := range t.Processes() {
		own := slices.DeleteFunc(slices.Clone(instances), func(i Instance) bool { return i.Process != p.Name })
		if n := len(own); n != p.Replicas && len(p.HTTP) == 1 && own[0].Error == "" {
			differences = append(differences, fmt.Sprintf("%s: %d found at %s, and the file says %d replicas", p.Name, n, p.HTTP[0], p.Replicas))
		}
		for _, i := range own {
			differences = append(differences, i.differs(t, p)...)
		}
	}
	return append(differences, versions(instances)...)
}

// differs says what is different about an instance. What follows from something said already is not said.
func (i Instance) differs(t *topology.Topology, p *topology.Process) (differences []string) {
	wrong := func(format string, args ...any) {
		differences = append(differences, i.String()+": "+fmt.Sprintf(format, args...))
	}
	if i.Error != "" && i.Is == nil {
		wrong("not reachable: %s", i.Error)
		return differences
	}
	meant := slices.Sorted(slices.Values(p.Modules))
	switch is := i.Is; {
	case is.Process != p.Name && t.Process(is.Process) == nil:
		wrong("it is %s, which hosts %s and which the file does not know: stop it, or add it to the file", is.Process, hosted(is.Modules))
	case is.Process != p.Name:
		wrong("it is %s: an address is wrong in the file, or in that process's settings", is.Process)
	case !slices.Equal(is.Modules, meant):
		wrong("it hosts %s, and the file says %s: restart it, with the program that is for it", hosted(is.Modules), hosted(meant))
	case i.Replica != 0 && is.Replica != i.Replica:
		wrong("it is replica %d: PANGAEA_REPLICA says which", is.Replica)
	case is.Fingerprint != t.Fingerprint():
		wrong("it was started with another topology, of other processes or addresses: restart it")
	}
	switch {
	case i.Error != "":
		wrong("it does not say whether it is ready: %s", i.Error)
	case i.Missing != "":
		wrong("it is not ready for real work: %s", i.Missing)
	}
	return differences
}

// String names an instance, and says where it is.
func (i Instance) String() string {
	return fmt.Sprintf("%s at %s", i.Process, i.Address)
}

func hosted(modules []string) string {
	if len(modules) == 0 {
		return "no module"
	}
	return strings.Join(modules, ", ")
}

// versions says which there are, if there are several.
func versions(instances []Instance) []string {
	of := map[string][]string{}
	for _, i := range instances {
		if i.Is != nil && !slices.Contains(of[i.Is.Version], i.Process) {
			of[i.Is.Version] = append(of[i.Is.Version], i.Process)
		}
	}
	if len(of) < 2 {
		return nil
	}
	var each []string
	for _, version := range slices.Sorted(maps.Keys(of)) {
		each = append(each, fmt.Sprintf("%q (%s)", version, strings.Join(of[version], ", ")))
	}
	return []string{"the programs are of different versions: " + strings.Join(each, "; ")}
}
