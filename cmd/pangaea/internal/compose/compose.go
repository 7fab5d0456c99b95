// Package compose writes what Docker Compose has to know to run the shop: in one process, or as a topology says.
//
//	topology ─▶ services, replicas, ports, who has which settings ─▶ docker-compose.yml
//
// The servers, the one process of the monolith and what prepares both are the same whatever the topology says.
package compose

//go:generate go run ../../../pangaea topology compose --topology ../../../../deploy/topologies/compose.yaml --out ../../../../docker-compose.yml

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"slices"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

//go:embed docker-compose.yml.tmpl
var text string

var file = template.Must(template.New("docker-compose.yml").Parse(text))

// A service is a process of the topology, as Compose sees it.
type service struct {
	*topology.Process
	Program string // and so the target of the Dockerfile
	Port    string // where it listens
	Grace   time.Duration
	First   bool // it makes the first staff account
}

// Write returns the compose file of a topology, which it names by path.
func Write(t *topology.Topology, path string) ([]byte, error) {
	var problems []error
	if err := t.Suits(shop.Describe()); err != nil {
		problems = append(problems, err)
	}
	var services []service
	edges := 0
	for _, p := range t.Processes() {
		s, err := serve(t, p)
		services, problems = append(services, s), append(problems, err)
		if p.Edge {
			edges += p.Replicas
		}
	}
	if edges > 1 {
		problems = append(problems, fmt.Errorf("it has %d edges: in containers there can be one, and one replica of it, as its port is published", edges))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := file.Execute(&out, map[string]any{"Topology": path, "Services": services, "Grace": inWhole(app.StopTimeout)}); err != nil {
		return nil, err
	}
	if err := yaml.Unmarshal(out.Bytes(), &map[string]any{}); err != nil {
		return nil, fmt.Errorf("what follows from it could not be read by Compose, as where a process has the name of one of the servers: %w", err)
	}
	return out.Bytes(), nil
}

// serve makes a service of a process, if it can be one.
func serve(t *topology.Topology, p *topology.Process) (service, error) {
	for _, address := range slices.Concat(p.HTTP, p.GRPC) {
		if host, _, _ := net.SplitHostPort(address); host != p.Name {
			return service{}, fmt.Errorf("%s: its address is %s: in containers its host is the service's name, %s", p.Name, address, p.Name)
		}
	}
	if p.Data != "" || p.Database != "" || p.Bus != "" || t.Bus != "" {
		return service{}, fmt.Errorf("%s: it has data, database or bus: in containers these are what pangaea database prepare and pangaea bus prepare say", p.Name)
	}
	_, port, err := net.SplitHostPort(p.At(1))
	if err != nil {
		return service{}, err
	}
	drain, err := time.ParseDuration(t.For(p, 1)["PANGAEA_DRAIN"])
	if err != nil {
		drain = 0 // it does not say
	}
	return service{
		Process: p, Program: shop.Program(p), Port: port, Grace: inWhole(drain + app.StopTimeout),
		First: slices.Contains(p.Modules, "identity"),
	}, nil
}

// inWhole is how long Compose waits for a process to stop before it kills it: a little longer than it takes at most.
func inWhole(most time.Duration) time.Duration {
	return (most + 1500*time.Millisecond).Round(time.Second)
}
