package topology

import (
	"fmt"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/config"
)

// Settings say which process of which topology this is.
type Settings struct {
	File    string `env:"PANGAEA_TOPOLOGY" doc:"file that says which process hosts which module; empty: this process hosts all"`
	Process string `env:"PANGAEA_PROCESS" doc:"name of this process in the topology"`
	Replica int    `env:"PANGAEA_REPLICA" default:"1" doc:"which of the process's replicas this is, counted from 1"`
}

// A Place is where a process stands in a topology. The zero Place is that of a process that needs none.
type Place struct {
	Topology *Topology
	Process  *Process // nil for who looks at all processes, such as an operator's command
	Replica  int
}

// Locate finds the place that settings name, and adds to them what follows from it.
func Locate(settings *config.Config) (Place, error) {
	own, err := config.Section[Settings](settings)
	if err != nil || own.File == "" && own.Process == "" {
		return Place{}, err
	}
	if own.File == "" {
		return Place{}, fmt.Errorf("PANGAEA_PROCESS is %q and PANGAEA_TOPOLOGY is empty: it names the file in which the process stands", own.Process)
	}
	t, err := Read(own.File)
	if err != nil {
		return Place{}, fmt.Errorf("PANGAEA_TOPOLOGY: %w", err)
	}
	place := Place{Topology: t, Replica: max(own.Replica, 1)}
	if own.Process == "" {
		settings.Under(t.Path, t.ForAll())
		return place, nil
	}
	if place.Process = t.Process(own.Process); place.Process == nil {
		return Place{}, fmt.Errorf("PANGAEA_PROCESS is %q: the processes in %s are %s", own.Process, t.Path, strings.Join(t.Names(), ", "))
	}
	if most := place.Process.Replicas; place.Replica > most {
		return Place{}, fmt.Errorf("PANGAEA_REPLICA is %d: %s has %d in %s", own.Replica, own.Process, most, t.Path)
	}
	settings.Under(t.Path, t.For(place.Process, place.Replica))
	return place, nil
}

// Edge reports whether clients talk to this process.
func (p Place) Edge() bool { return p.Process == nil || p.Process.Edge }

// Whole reports whether this process stands alone: no topology says that there are others.
func (p Place) Whole() bool { return p.Topology == nil }

// Name is what the process is called, in logs and measurements.
func (p Place) Name() string {
	if p.Process == nil {
		return "monolith"
	}
	return p.Process.Name
}

// Info is the name of the measurement by which a process tells what it is, and the names of its labels.
const (
	Info            = "pangaea_process_info"
	InfoProcess     = "process"
	InfoReplica     = "replica"
	InfoModules     = "modules"     // sorted, with commas between them
	InfoVersion     = "version"     // of the program
	InfoFingerprint = "fingerprint" // of the topology, see [Topology.Fingerprint]; empty: it was told none
)
