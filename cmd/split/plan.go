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
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
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

	rabbitmq string // where it is unless settings say otherwise; 127.0.0.1:5672
}

// A plan is what is run: what carries messages, then the modules, then what clients talk to.
type plan struct {
	messages, modules, edge []supervisor.Program

	shop string // where clients find it
}

// plan finds out what is to run, and makes sure that all is there for it.
func (w *wish) plan(ctx context.Context) (plan, error) {
	w.bin = cmp.Or(w.bin, "bin")
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
	if err == nil && w.local {
		err = alone(t)
	}
	if err != nil {
		return plan{}, fmt.Errorf("the topology (--topology): %w", err)
	}
	if _, err := grace(t, t.Processes()[0], w.common(os.Environ())); err != nil {
		return plan{}, err // before anything is made
	}
	if err := build(ctx, w.out, w.bin); err != nil {
		return plan{}, err
	}
	settings := append(w.common(os.Environ()), "PANGAEA_TOPOLOGY="+path, "PANGAEA_EDGE_KEY="+cmp.Or(os.Getenv("PANGAEA_EDGE_KEY"), rand.Text()))
	if terminal(os.Stdout) && os.Getenv("PANGAEA_LOG_FORMAT") == "" {
		settings = append(settings, "PANGAEA_LOG_FORMAT=text")
	}
	if os.Getenv("GOMAXPROCS") == "" {
		settings = append(settings, "GOMAXPROCS="+strconv.Itoa(processors(t, runtime.GOMAXPROCS(0))))
	}
	var p plan
	if w.local {
		p.messages = append(p.messages, w.messages(t, settings))
	} else if settings, err = w.servers(ctx, t, settings); err != nil {
		return plan{}, err
	}
	for _, process := range t.Processes() {
		stage := &p.modules
		if process.Edge {
			stage, p.shop = &p.edge, "http://"+topology.Reachable(process.At(1))
		}
		for replica := 1; replica <= process.Replicas; replica++ {
			program, err := w.program(t, process, replica, settings)
			if err != nil {
				return plan{}, err
			}
			*stage = append(*stage, program)
		}
	}
	if p.shop == "" {
		return plan{}, errors.New("no process of the topology is the edge: clients could reach nobody")
	}
	return p, nil
}

// processors is how many of those that there are a process may use at a time: several times its even share, as seldom
// all have something to do. With more, its threads spend their time looking for work among each other
// (docs/performance.md).
func processors(t *topology.Topology, there int) int {
	const times = 4
	processes := 0
	for _, p := range t.Processes() {
		processes += p.Replicas
	}
	return min(there, max(1, times*there/processes))
}

// program is a replica of a process.
func (w *wish) program(t *topology.Topology, p *topology.Process, replica int, settings []string) (supervisor.Program, error) {
	name := p.Name
	if p.Replicas > 1 {
		name += "-" + strconv.Itoa(replica)
	}
	program := supervisor.Program{
		Name: name, Path: filepath.Join(w.bin, shop.Program(p)), Ready: "http://" + topology.Reachable(p.At(replica)) + "/readyz",
		Env: append(forProcess(settings, p.Modules), "PANGAEA_PROCESS="+p.Name, "PANGAEA_REPLICA="+strconv.Itoa(replica)),
	}
	if p.Edge {
		program.Listen = p.At(replica)
		program.Env = append(program.Env, "PANGAEA_HTTP_ADDR=fd:3")
	}
	var err error
	program.Grace, err = grace(t, p, program.Env)
	return program, err
}

// grace is how long a process that has this environment may take to stop: a little more than it says itself.
func grace(t *topology.Topology, p *topology.Process, env []string) (time.Duration, error) {
	settings, err := config.LoadFor(env)
	if err != nil {
		return 0, err
	}
	settings.Under(t.Path, t.For(p, 1))
	face, err := config.Section[httpserver.Settings](settings)
	return face.Drain + app.StopTimeout + time.Second, err
}

// common leaves out what each process has for itself, and servers that a split without any would not use.
func (w *wish) common(settings []string) []string {
	own := []string{"PANGAEA_HTTP_ADDR", "PANGAEA_GRPC_ADDR", "PANGAEA_PROCESS", "PANGAEA_REPLICA", "PANGAEA_ADMIN_URL", "PANGAEA_BUS_ADMIN_URL"}
	return slices.DeleteFunc(settings, func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return slices.Contains(own, name) || w.local && server.MatchString(name)
	})
}

// server matches settings that name servers, or a file that may.
var server = regexp.MustCompile(`^PANGAEA_(CONFIG|([A-Z_]+_)?(DATABASE|MIGRATE|BUS)_URL)$`)

// forProcess leaves out what is only for other modules: their passwords above all.
func forProcess(settings, modules []string) (own []string) {
	for _, setting := range settings {
		if variable, _, _ := strings.Cut(setting, "="); shop.Concerns(variable, modules) {
			own = append(own, setting)
		}
	}
	return own
}

// alone makes sure that a topology needs no servers.
func alone(t *topology.Topology) error {
	if u, err := url.Parse(t.Bus); err != nil || u.Scheme != "nats" || !onThisMachine(u.Hostname()) {
		return fmt.Errorf("%s says bus: %s, and --local starts a message server of its own, at an address such as nats://127.0.0.1:4322", t.Path, cmp.Or(secret.ReplaceAllString(t.Bus, "//…@"), `""`))
	}
	return nil
}

// secret is who signs in at a server, and how.
var secret = regexp.MustCompile(`//[^/@]*@`)

func onThisMachine(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// messages is the message server of a split that has no other.
func (w *wish) messages(t *topology.Topology, settings []string) supervisor.Program {
	address := strings.TrimPrefix(t.Bus, "nats://")
	folder := filepath.Join(cmp.Or(os.Getenv("PANGAEA_DATA_DIR"), "data"), "split", "messages")
	return supervisor.Program{
		Name: "messages", Path: filepath.Join(w.bin, "messages"), Ready: "tcp://" + address,
		Env: append(forProcess(settings, nil), "PANGAEA_NATS_ADDR="+address, "PANGAEA_NATS_DIR="+folder),
	}
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
	return command(ctx, out, []string{"CGO_ENABLED=0"}, "go", "build", "-ldflags=-s -w", "-o", bin+"/", "./cmd/monolith", "./cmd/pangaea", "./cmd/split/...")
}
