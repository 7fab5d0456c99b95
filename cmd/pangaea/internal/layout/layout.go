// Package layout is a topology with the shop in it: which module is in which process, on which database, who tells and
// asks whom, and over what. It shows no password: of URLs it keeps where they lead, and not who signs in.
package layout

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// A Plan is what a layout is made of: the file, the shop, and the settings.
type Plan struct {
	Topology  *topology.Topology
	Shop      topology.Shop
	Databases []string // who has one: modules, and their companions
	Manifest  outbox.Manifest
	Routes    []httpserver.Route
	Settings  func(*topology.Process) (*config.Config, error) // those of a process
}

// A Layout is where everything is.
type Layout struct {
	File      string    `json:"file"`
	Processes []Process `json:"processes"`
}

// A Process hosts modules, or is the edge, or both.
type Process struct {
	Name     string   `json:"name"`
	Edge     bool     `json:"edge"`
	Replicas int      `json:"replicas"`
	HTTP     []string `json:"http"`
	GRPC     []string `json:"grpc"`
	Modules  []Module `json:"modules"`
	Routes   []Route  `json:"routes"` // it answers them itself, or as the edge passes them on
}

// A Module is a part of the shop.
type Module struct {
	Name      string     `json:"name"`
	Databases []Database `json:"databases"`
	Bus       string     `json:"bus"`    // where the message server is; empty: events stay in the process
	Queues    []string   `json:"queues"` // in which events wait for it there
	Tells     []Event    `json:"tells"`
	Asks      []Question `json:"asks"`
}

// A Database is a module's own, or that of a companion of it.
type Database struct {
	Owner string `json:"owner"`
	Where string `json:"where"`
}

// An Event is announced by a module, and heard by others.
type Event struct {
	Name string   `json:"name"`
	To   []string `json:"to"`
}

// Short is its name without that of its module.
func (e Event) Short() string { return strings.TrimPrefix(e.Name, outbox.Source(e.Name)+".") }

// A Question is what a module asks another at once.
type Question struct {
	Module string `json:"module"`
	GRPC   bool   `json:"grpc"` // the module is in another process; otherwise it is a call
}

// A Route is what clients may ask.
type Route struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Module string `json:"module"`
	Passed string `json:"passed_to,omitempty"` // the process that answers, if it is another
}

// Of lays everything out. It is an error if the file does not suit the shop, or settings are wrong.
func Of(plan Plan) (Layout, error) {
	if err := plan.Topology.Suits(plan.Shop); err != nil {
		return Layout{}, fmt.Errorf("%s: %w", plan.Topology.Path, err)
	}
	l := Layout{File: plan.Topology.Path}
	for _, p := range plan.Topology.Processes() {
		process, err := plan.process(p)
		if err != nil {
			return l, fmt.Errorf("%s: %w", p.Name, err)
		}
		l.Processes = append(l.Processes, process)
	}
	return l, nil
}

func (plan Plan) process(p *topology.Process) (Process, error) {
	process := Process{
		Name: p.Name, Edge: p.Edge, Replicas: p.Replicas, HTTP: p.HTTP, GRPC: append([]string{}, p.GRPC...),
		Modules: []Module{}, Routes: plan.routes(p),
	}
	if len(p.Modules) == 0 {
		return process, nil
	}
	settings, err := plan.Settings(p)
	if err != nil {
		return process, err
	}
	addresses, err := bus.AddressesOf(settings, plan.Manifest)
	if err != nil {
		return process, err
	}
	places := app.Places(settings, topology.Place{Topology: plan.Topology, Process: p})
	for _, name := range p.Modules {
		m := Module{Name: name, Bus: server(addresses.Of(name)), Queues: queues(addresses.Of(name), name, plan.Manifest), Tells: plan.tells(name), Asks: plan.asks(name, p)}
		if m.Databases, err = plan.databases(name, places); err != nil {
			return process, err
		}
		process.Modules = append(process.Modules, m)
	}
	return process, nil
}

// routes are those of the modules that a process hosts, and at the edge of all.
func (plan Plan) routes(p *topology.Process) (routes []Route) {
	for _, r := range plan.Routes {
		route := Route{Method: r.Method, Path: r.Path, Module: r.Module}
		here := slices.Contains(p.Modules, r.Module)
		if host := plan.Topology.Host(r.Module); !here && host != nil {
			route.Passed = host.Name
		}
		if here || p.Edge {
			routes = append(routes, route)
		}
	}
	return append([]Route{}, routes...)
}

func (plan Plan) databases(module string, places database.Places) (databases []Database, err error) {
	for _, owner := range slices.Sorted(slices.Values(plan.Databases)) { // a companion comes after its module
		if owner != module && !strings.HasPrefix(owner, module+"-") {
			continue
		}
		options, err := places(owner)
		if err != nil {
			return nil, err
		}
		where, err := options.Where(owner)
		if err != nil {
			return nil, err
		}
		databases = append(databases, Database{owner, where})
	}
	return databases, nil
}

func (plan Plan) tells(module string) []Event {
	events := []Event{}
	for name, hear := range plan.Manifest {
		if outbox.Source(name) == module {
			events = append(events, Event{name, hear})
		}
	}
	slices.SortFunc(events, func(a, b Event) int { return strings.Compare(a.Name, b.Name) })
	return events
}

func (plan Plan) asks(module string, p *topology.Process) []Question {
	questions := []Question{}
	for _, asked := range plan.Shop.Questions[module] {
		questions = append(questions, Question{asked, !slices.Contains(p.Modules, asked)})
	}
	return questions
}

// Modules lists all of them, in the order of their processes.
func (l Layout) Modules() (modules []Module) {
	for _, p := range l.Processes {
		modules = append(modules, p.Modules...)
	}
	return modules
}

// Host is the process that a module is in.
func (l Layout) Host(module string) (host Process) {
	for _, p := range l.Processes {
		if slices.ContainsFunc(p.Modules, func(m Module) bool { return m.Name == module }) {
			return p
		}
	}
	return host
}

// Buses lists the message servers that events go over, each once.
func (l Layout) Buses() (buses []string) {
	for _, m := range l.Modules() {
		if m.Bus != "" && !slices.Contains(buses, m.Bus) {
			buses = append(buses, m.Bus)
		}
	}
	return buses
}
