package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/platform/supervisor"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// A wish says what is to run, and how.
type wish struct {
	topology string
	local    bool
	yes      bool
	bin      string
	in       io.Reader
	out      io.Writer
}

// A plan is what is run: what carries messages, then the modules, then what clients talk to.
type plan struct {
	messages, modules, edge []supervisor.Program

	shop string // where clients find it
}

// plan finds out what is to run, and makes sure that all is there for it.
func (w *wish) plan(ctx context.Context) (plan, error) {
	w.bin = cmp.Or(w.bin, "bin")
	if err := build(ctx, w.out, w.bin); err != nil {
		return plan{}, err
	}
	standard := "deploy/topologies/split.yaml"
	if w.local {
		standard = "deploy/topologies/local.yaml"
	}
	path, err := filepath.Abs(cmp.Or(w.topology, os.Getenv("PANGAEA_TOPOLOGY"), standard))
	if err != nil {
		return plan{}, err
	}
	t, err := topology.Read(path)
	if err == nil {
		err = t.Suits(shop.Describe())
	}
	if err != nil {
		return plan{}, err
	}
	settings := append(common(os.Environ()), "PANGAEA_TOPOLOGY="+path, "PANGAEA_EDGE_KEY="+cmp.Or(os.Getenv("PANGAEA_EDGE_KEY"), rand.Text()))
	if terminal(os.Stdout) && os.Getenv("PANGAEA_LOG_FORMAT") == "" {
		settings = append(settings, "PANGAEA_LOG_FORMAT=text")
	}
	var p plan
	if w.local {
		p.messages = append(p.messages, w.messages(t, settings))
	} else if settings, err = w.servers(ctx, settings); err != nil {
		return plan{}, err
	}
	for _, process := range t.Processes() {
		stage := &p.modules
		if process.Edge {
			stage, p.shop = &p.edge, "http://"+reachable(process.At(1))
		}
		for replica := 1; replica <= process.Replicas; replica++ {
			*stage = append(*stage, w.program(process, replica, settings))
		}
	}
	if p.shop == "" {
		return plan{}, errors.New("no process of the topology is the edge: clients could reach nobody")
	}
	return p, nil
}

// program is a replica of a process: the program of its one module, the gateway, or the monolith's for a group.
func (w *wish) program(p *topology.Process, replica int, settings []string) supervisor.Program {
	file, name := "monolith", p.Name
	switch len(p.Modules) {
	case 0:
		file = "gateway"
	case 1:
		if !p.Edge {
			file = p.Modules[0]
		}
	}
	if p.Replicas > 1 {
		name += "-" + strconv.Itoa(replica)
	}
	program := supervisor.Program{
		Name: name, Path: filepath.Join(w.bin, file), Ready: "http://" + reachable(p.At(replica)) + "/readyz",
		Env: append(forProcess(settings, p), "PANGAEA_PROCESS="+p.Name, "PANGAEA_REPLICA="+strconv.Itoa(replica)),
	}
	if p.Edge {
		program.Listen = p.At(replica)
		program.Env = append(program.Env, "PANGAEA_HTTP_ADDR=fd:3")
	}
	return program
}

// common leaves out what each process has for itself.
func common(settings []string) []string {
	own := []string{"PANGAEA_HTTP_ADDR", "PANGAEA_GRPC_ADDR", "PANGAEA_PROCESS", "PANGAEA_REPLICA"}
	return slices.DeleteFunc(settings, func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains(own, name)
	})
}

// forProcess leaves out what is only for other modules: their passwords above all.
func forProcess(settings []string, p *topology.Process) (own []string) {
	for _, setting := range settings {
		foreign := false
		for _, module := range shop.Describe().Modules {
			named := strings.HasPrefix(setting, "PANGAEA_"+strings.ToUpper(module)+"_")
			hosted := strings.Contains(","+strings.Join(p.Modules, ",")+",", ","+module+",")
			foreign = foreign || named && !hosted
		}
		if !foreign {
			own = append(own, setting)
		}
	}
	return own
}

// messages is the message server of a split that has no other.
func (w *wish) messages(t *topology.Topology, settings []string) supervisor.Program {
	address := "127.0.0.1:4222"
	if u, err := url.Parse(t.Bus); err == nil && u.Host != "" {
		address = u.Host
	}
	folder := filepath.Join(cmp.Or(os.Getenv("PANGAEA_DATA_DIR"), "data"), "split", "messages")
	return supervisor.Program{
		Name: "messages", Path: filepath.Join(w.bin, "messages"),
		Env: append(settings, "PANGAEA_NATS_ADDR="+address, "PANGAEA_NATS_DIR="+folder),
	}
}

// reachable is where something that listens at an address can be reached on this machine.
func reachable(address string) string {
	host, port, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip.IsUnspecified() || ip.IsLoopback()) {
		return net.JoinHostPort(cmp.Or(map[bool]string{true: "localhost"}[host == ""], host), port)
	}
	return address
}

// build builds all programs, where this is run in the folder of the source.
func build(ctx context.Context, out io.Writer, bin string) error {
	if _, err := os.Stat(filepath.Join("cmd", "monolith", "main.go")); err != nil {
		if _, err := os.Stat(filepath.Join(bin, "gateway")); err != nil {
			return fmt.Errorf("there are no programs in %s, and this is not the folder of the source, where they would be built: give --bin", bin)
		}
		return nil
	}
	fmt.Fprintln(out, "building the programs …")
	return command(ctx, out, []string{"CGO_ENABLED=0"}, "go", "build", "-o", bin+"/", "./cmd/monolith", "./cmd/pangaea", "./cmd/split/...")
}
