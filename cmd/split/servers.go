package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/platform/topology"
)

// settingsFile is where the roles and users of the modules are written down that a split has made.
const settingsFile = "data/split/settings.yaml"

const (
	postgres = "127.0.0.1:5432"
	rabbitmq = "127.0.0.1:5672"
)

// A place is where a server is that a split needs, as far as that can be told: a setting may also say it without an
// address.
type place struct {
	server  string
	setting string // that says who administers it
	named   bool   // by the setting
	address string // "" if the setting has none
	service string // of docker compose
	makes   string // what is made there
}

// database is where it is, or is started, unless the setting says otherwise.
func (w *wish) database() place {
	return place{
		server: "database server", setting: "PANGAEA_ADMIN_URL", address: postgres, service: "postgres-here",
		makes: "a database called pangaea with a role for each module",
	}
}

// broker is the same for what carries events.
func (w *wish) broker() place {
	return place{
		server: "RabbitMQ", setting: "PANGAEA_BUS_ADMIN_URL", address: cmp.Or(w.rabbitmq, rabbitmq), service: "rabbitmq-here",
		makes: "a virtual host called pangaea with a user for each module",
	}
}

// administered is the place that the setting names, if it names one.
func (p place) administered() place {
	value := os.Getenv(p.setting)
	if value == "" {
		return p
	}
	p.named, p.address = true, ""
	if u, err := url.Parse(value); err == nil && u.Hostname() != "" {
		p.address = address(u)
	}
	return p
}

func (p place) String() string { return cmp.Or(p.address, "the place that "+p.setting+" names") }

// there reports whether it is, as far as can be told.
func (p place) there() bool { return p.address == "" || listens(p.address) }

// started reports whether it is what docker compose has started.
func (p place) started(ctx context.Context) bool {
	running, err := exec.CommandContext(ctx, "docker", "compose", "--profile", "servers", "ps", "--quiet", "--status", "running", p.service).Output()
	return err == nil && len(running) > 0
}

// address is where the server of a URL listens.
func address(u *url.URL) string {
	ports := map[string]string{
		"postgres": "5432", "postgresql": "5432", "mysql": "3306", "amqp": "5672", "amqps": "5671", "nats": "4222", "tls": "4222", "http": "80", "https": "443",
	}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), ports[u.Scheme]))
}

// composeBus is who administers the broker that docker compose starts.
func composeBus() string {
	return "http://guest:" + cmp.Or(os.Getenv("PANGAEA_RABBITMQ_PASSWORD"), "guest") + "@127.0.0.1:15672"
}

// servers finds the servers that a split needs, and returns the settings that name them.
func (w *wish) servers(ctx context.Context, t *topology.Topology, settings []string) ([]string, error) {
	if configured(t) {
		return settings, nil
	}
	if made, err := os.ReadFile(settingsFile); err == nil {
		if err := w.awake(ctx, string(made)); err != nil {
			return nil, fmt.Errorf("%s: %w", settingsFile, err)
		}
		return append(settings, "PANGAEA_CONFIG="+settingsFile), nil
	}
	if err := w.find(ctx); err != nil {
		return nil, err
	}
	return append(settings, "PANGAEA_CONFIG="+settingsFile), nil
}

// find makes what the shop needs on the servers that are there, if somebody agrees, and on those that it starts or has
// started before.
func (w *wish) find(ctx context.Context) error {
	var found, ours []place
	for _, p := range []place{w.database().administered(), w.broker().administered()} {
		switch there := p.there(); {
		case p.named && !there:
			return fmt.Errorf("%s names the server at %s, where nobody listens", p.setting, p)
		case p.named || there && !p.started(ctx):
			found = append(found, p)
		default:
			ours = append(ours, p)
		}
	}
	if err := docker(ctx, ours); err != nil {
		return err
	}
	if err := w.ask(ctx, found); err != nil {
		return err
	}
	if err := w.compose(ctx, ours); err != nil {
		return err
	}
	if broker := w.broker(); slices.Contains(ours, broker) {
		return w.prepare(ctx, []string{broker.setting + "=" + composeBus()})
	}
	return w.prepare(ctx, nil)
}

// prepare makes the roles and users of the modules. It is done again from the start where something has failed.
func (w *wish) prepare(ctx context.Context, busAdmin []string) error {
	pangaea, begun := filepath.Join(w.bin, "pangaea"), settingsFile+".begun"
	if err := os.MkdirAll(filepath.Dir(begun), 0o700); err != nil {
		return err
	}
	admin := "PANGAEA_ADMIN_URL=" + cmp.Or(os.Getenv("PANGAEA_ADMIN_URL"),
		"postgres://postgres:"+cmp.Or(os.Getenv("PANGAEA_POSTGRES_PASSWORD"), "postgres")+"@"+postgres+"/postgres")
	if err := command(ctx, w.out, []string{admin}, pangaea, "database", "prepare", "--out", begun); err != nil {
		return fmt.Errorf("make a database for the shop on the server at %s (PANGAEA_ADMIN_URL says as whom): %w", w.database().administered(), err)
	}
	if err := command(ctx, w.out, busAdmin, pangaea, "bus", "prepare", "--out", begun); err != nil {
		return fmt.Errorf("make a virtual host for the shop on the RabbitMQ at %s (PANGAEA_BUS_ADMIN_URL says how): %w", w.broker().administered(), err)
	}
	return os.Rename(begun, settingsFile)
}

// configured reports whether settings or the topology name the servers: then they are used as they are.
func configured(t *topology.Topology) bool {
	named := slices.ContainsFunc(t.Processes(), func(p *topology.Process) bool { return p.Bus != "" || p.Database != "" })
	return named || t.Bus != "" || os.Getenv("PANGAEA_CONFIG") != "" || os.Getenv("PANGAEA_BUS_URL") != ""
}

// ask has somebody agree that something is made on servers that are merely there.
func (w *wish) ask(ctx context.Context, found []place) error {
	if w.yes || len(found) == 0 {
		return nil
	}
	var there, makes []string
	for _, p := range found {
		there, makes = append(there, fmt.Sprintf("a %s at %s", p.server, p)), append(makes, p.makes)
	}
	fmt.Fprintf(w.out, "There is %s.\nMay I make %s there? [y/N] ", strings.Join(there, " and "), strings.Join(makes, ", and "))
	line, err := w.read(ctx)
	if answer := strings.ToLower(strings.TrimSpace(line)); answer == "y" || answer == "yes" {
		return nil
	}
	if ctx.Err() != nil {
		return err
	}
	if errors.Is(err, io.EOF) {
		return errors.New("nobody is there to agree: --yes does")
	}
	return errors.New("nothing was made; name servers of your own with PANGAEA_CONFIG, or use --local, which needs none")
}

// read returns a line that somebody types, unless ctx ends before.
func (w *wish) read(ctx context.Context) (string, error) {
	type entry struct {
		line string
		err  error
	}
	typed := make(chan entry, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(w.in, 100)).ReadString('\n')
		typed <- entry{line, err}
	}()
	select {
	case e := <-typed:
		return e.line, e.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// named matches the URLs of servers in a file of settings, as it was written.
var named = regexp.MustCompile(`(?m)^\s*(?:\w+_)?(?:database|migrate|bus)_url:\s*["']?([a-z]+://[^\s"'/]+)`)

// awake makes sure that the servers are there that settings name, and starts those in containers that are to be on this
// machine and are not.
func (w *wish) awake(ctx context.Context, settings string) error {
	here, down := []place{w.database(), w.broker()}, map[string]bool{}
	for _, found := range named.FindAllStringSubmatch(settings, -1) {
		u, err := url.Parse(found[1])
		if err != nil || u.Hostname() == "" || listens(address(u)) {
			continue // what is wrong with it, who uses it says
		}
		at := strings.Replace(address(u), "localhost:", "127.0.0.1:", 1)
		if !slices.ContainsFunc(here, func(p place) bool { return p.address == at }) {
			return fmt.Errorf("it names the server at %s, where nobody listens", at)
		}
		down[at] = true
	}
	missing := slices.DeleteFunc(here, func(p place) bool { return !down[p.address] })
	if err := docker(ctx, missing); err != nil {
		return err
	}
	return w.compose(ctx, missing)
}

// docker makes sure that containers can be started, if any are to be.
func docker(ctx context.Context, ours []place) error {
	if len(ours) == 0 {
		return nil
	}
	there, alive := exec.CommandContext(ctx, "docker", "compose", "version"), exec.CommandContext(ctx, "docker", "info")
	if there.Run() != nil || alive.Run() != nil {
		return errors.New("a split needs a PostgreSQL and a RabbitMQ, and neither settings nor this machine nor Docker have both: " +
			"name them with PANGAEA_CONFIG, install them (Debian: apt-get install postgresql rabbitmq-server), start Docker, or run make split-local, which needs none")
	}
	return nil
}

// compose starts servers in containers, on this machine, and waits for those that are starting.
func (w *wish) compose(ctx context.Context, ours []place) error {
	if len(ours) == 0 {
		return nil
	}
	up := []string{"compose", "--profile", "servers", "up", "--detach", "--wait"}
	for _, p := range ours {
		up = append(up, p.service)
	}
	if err := command(ctx, w.out, nil, "docker", up...); err != nil {
		return err
	}
	for slices.ContainsFunc(ours, func(p place) bool { return !p.there() }) {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func listens(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// command runs a program and shows what it prints.
func command(ctx context.Context, out io.Writer, env []string, name string, args ...string) error {
	c := exec.CommandContext(ctx, name, args...)
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), env...), out, out
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return nil
}
