// Package topology says which process hosts which module, where it is reached and where its data is: one file.
//
//	bus: ${PANGAEA_BUS_URL}
//	processes:
//	  gateway:                  # without modules: the edge, which all clients talk to
//	    http: 127.0.0.1:8080
//	  catalog:
//	    modules: [catalog]
//	    http: 127.0.0.1:8102
//	    grpc: 127.0.0.1:9102    # where others ask the catalog
//	    data: ./data/catalog    # or database: postgres://…
//	  ordering:
//	    modules: [ordering]
//	    replicas: 2
//	    http: [127.0.0.1:8104, 127.0.0.1:8114]
//
// A process is told the file and its own name in it by PANGAEA_TOPOLOGY and PANGAEA_PROCESS. What follows from the
// file are settings of each process (see [Topology.For]), where others are (see [Topology.Directory]), and what a
// supervisor, the compose file and the operator's commands have to know. It knows no shop: that what it says suits
// the modules there are is for [Topology.Suits].
package topology

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/discovery"
)

// A Topology is what the file says.
type Topology struct {
	Path      string
	Bus       string            // URL of the message server; empty: events stay in the one process there is
	Settings  map[string]string // in every process, by variable name
	processes map[string]*Process
}

// A Process hosts modules, or is the edge, or both.
type Process struct {
	Name     string
	Modules  []string
	Edge     bool // clients talk to it, and it passes on what it does not host
	Replicas int
	HTTP     []string          // host:port: one for all replicas, or one for each
	GRPC     []string          // likewise; empty: it answers no questions of other processes
	Data     string            // folder of the modules' embedded databases
	Database string            // or the URL of a server that has them
	Bus      string            // URL of the message server, where it is another than everybody's: with rights of its own
	Settings map[string]string // beside everybody's, by variable name
}

// Processes lists the processes: the edge first, then by name.
func (t *Topology) Processes() []*Process {
	return slices.SortedFunc(maps.Values(t.processes), func(a, b *Process) int {
		if a.Edge != b.Edge {
			return map[bool]int{true: -1, false: 1}[a.Edge]
		}
		return strings.Compare(a.Name, b.Name)
	})
}

// Process finds a process by name, nil if there is none.
func (t *Topology) Process(name string) *Process { return t.processes[name] }

// Host is the process that hosts a module, nil if none does. A companion of a module, which has a database of its own
// and a name that begins with the module's and a dash, is hosted where the module is.
func (t *Topology) Host(module string) *Process {
	family, _, _ := strings.Cut(module, "-")
	for _, p := range t.Processes() {
		if slices.Contains(p.Modules, module) || slices.Contains(p.Modules, family) {
			return p
		}
	}
	return nil
}

// Names lists the processes' names.
func (t *Topology) Names() []string { return slices.Sorted(maps.Keys(t.processes)) }

// Directory tells where the modules are that some process hosts.
func (t *Topology) Directory() discovery.Static {
	directory := discovery.Static{}
	for _, p := range t.processes {
		for _, module := range p.Modules {
			directory[module] = map[discovery.Protocol][]string{discovery.HTTP: p.HTTP, discovery.GRPC: p.GRPC}
		}
	}
	return directory
}

// hasEdgeBeside reports whether a process beside p is an edge.
func (t *Topology) hasEdgeBeside(p *Process) bool {
	return slices.ContainsFunc(t.Processes(), func(other *Process) bool { return other.Edge && other != p })
}

// The settings that follow from a topology.
const (
	httpAddress = "PANGAEA_HTTP_ADDR"
	grpcAddress = "PANGAEA_GRPC_ADDR"
	busURL      = "PANGAEA_BUS_URL"
	drain       = "PANGAEA_DRAIN"
)

// farewell is how long a process that is told to stop goes on answering, so that the edge notices and sends nothing
// more before nobody listens.
const farewell = "1s"

// For returns the settings of one replica of a process, counted from 1, by variable name.
func (t *Topology) For(p *Process, replica int) map[string]string {
	values := maps.Clone(t.Settings)
	if values == nil {
		values = map[string]string{}
	}
	if _, said := values[drain]; !said && t.hasEdgeBeside(p) {
		values[drain] = farewell
	}
	if address := p.listens(p.HTTP, replica); address != "" {
		values[httpAddress] = address
	}
	if address := p.listens(p.GRPC, replica); address != "" {
		values[grpcAddress] = address
	}
	if bus := cmp.Or(p.Bus, t.Bus); bus != "" && len(p.Modules) > 0 {
		values[busURL] = bus
	}
	maps.Copy(values, p.Settings)
	return values
}

// ForAll returns the settings of whoever looks at all processes, such as an operator's command.
func (t *Topology) ForAll() map[string]string {
	values := maps.Clone(t.Settings)
	if values == nil {
		values = map[string]string{}
	}
	if t.Bus != "" {
		values[busURL] = t.Bus
	}
	return values
}

// listens is where a replica listens: at its address, or where that is a name that others know it by, at its port.
func (p *Process) listens(addresses []string, replica int) string {
	if len(addresses) == 0 {
		return ""
	}
	address := addresses[min(replica, len(addresses))-1]
	host, port, _ := net.SplitHostPort(address)
	if host != "localhost" && net.ParseIP(host) == nil {
		host = ""
	}
	return net.JoinHostPort(host, port)
}

// At is where others reach a replica over HTTP, counted from 1.
func (p *Process) At(replica int) string {
	if len(p.HTTP) == 0 {
		return ""
	}
	return p.HTTP[min(replica, len(p.HTTP))-1]
}

// Reachable is where something that listens at an address can be reached on the machine that it listens on.
func Reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip.IsUnspecified()) {
		return net.JoinHostPort("localhost", port)
	}
	return address
}

// Fingerprint is the same for two files that agree on who hosts what and is reached where. It tells nothing of
// databases, message servers and settings: those differ between machines, and some are secret.
func (t *Topology) Fingerprint() string {
	sum := sha256.New()
	for _, p := range t.Processes() {
		fmt.Fprintf(sum, "%s %q %t %d %q %q\n", p.Name, slices.Sorted(slices.Values(p.Modules)), p.Edge, p.Replicas, p.HTTP, p.GRPC)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}
