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

// Where they are made, unless PANGAEA_ADMIN_URL and PANGAEA_BUS_ADMIN_URL say otherwise.
const (
	postgres = "127.0.0.1:5432"
	rabbitmq = "127.0.0.1:5672"
)

// A place is where a server is, as far as that can be told: a setting may also say it without an address.
type place struct {
	setting string // that names it, "" if none does
	address string // "" if the setting has none
}

func (p place) String() string { return cmp.Or(p.address, "the place that "+p.setting+" names") }

// there reports whether it is, as far as can be told.
func (p place) there() bool { return p.address == "" || listens(p.address) }

// administered is the place that a setting names, or the usual one.
func administered(setting, usual string) place {
	value := os.Getenv(setting)
	if value == "" {
		return place{address: usual}
	}
	u, err := url.Parse(value)
	if err != nil || u.Hostname() == "" {
		return place{setting: setting}
	}
	return place{setting, address(u)}
}

// address is where the server of a URL listens.
func address(u *url.URL) string {
	ports := map[string]string{"postgres": "5432", "postgresql": "5432", "mysql": "3306", "amqp": "5672", "amqps": "5671", "http": "80", "https": "443"}
	return net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), ports[u.Scheme]))
}

func database() place { return administered("PANGAEA_ADMIN_URL", postgres) }

func broker() place { return administered("PANGAEA_BUS_ADMIN_URL", rabbitmq) }

// composeBus is who administers the broker that docker compose starts.
const composeBus = "http://guest:guest@127.0.0.1:15672"

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
	var busAdmin []string
	missing := slices.DeleteFunc([]place{database(), broker()}, place.there)
	for _, p := range missing {
		if p.setting != "" {
			return nil, fmt.Errorf("%s names the server at %s, where nobody listens", p.setting, p)
		}
	}
	if len(missing) > 0 {
		busAdmin = []string{"PANGAEA_BUS_ADMIN_URL=" + cmp.Or(os.Getenv("PANGAEA_BUS_ADMIN_URL"), composeBus)}
		if err := w.compose(ctx); err != nil {
			return nil, err
		}
	} else if err := w.ask(ctx); err != nil {
		return nil, err
	}
	if err := w.prepare(ctx, busAdmin); err != nil {
		return nil, err
	}
	return append(settings, "PANGAEA_CONFIG="+settingsFile), nil
}

// prepare makes the roles and users of the modules. It is done again from the start where something has failed.
func (w *wish) prepare(ctx context.Context, busAdmin []string) error {
	pangaea, begun := filepath.Join(w.bin, "pangaea"), settingsFile+".begun"
	if err := os.MkdirAll(filepath.Dir(begun), 0o700); err != nil {
		return err
	}
	admin := "PANGAEA_ADMIN_URL=" + cmp.Or(os.Getenv("PANGAEA_ADMIN_URL"), "postgres://postgres:postgres@"+postgres+"/postgres")
	if err := command(ctx, w.out, []string{admin}, pangaea, "database", "prepare", "--out", begun); err != nil {
		return fmt.Errorf("make a database for the shop on the server at %s (PANGAEA_ADMIN_URL says as whom): %w", database(), err)
	}
	if err := command(ctx, w.out, busAdmin, pangaea, "bus", "prepare", "--out", begun); err != nil {
		return fmt.Errorf("make a virtual host for the shop on the RabbitMQ at %s (PANGAEA_BUS_ADMIN_URL says how): %w", broker(), err)
	}
	return os.Rename(begun, settingsFile)
}

// configured reports whether settings or the topology name the servers: then they are used as they are.
func configured(t *topology.Topology) bool {
	named := slices.ContainsFunc(t.Processes(), func(p *topology.Process) bool { return p.Bus != "" || p.Database != "" })
	return named || t.Bus != "" || os.Getenv("PANGAEA_CONFIG") != "" || os.Getenv("PANGAEA_BUS_URL") != ""
}

// ask has somebody agree that something is made on servers that are merely there.
func (w *wish) ask(ctx context.Context) error {
	if w.yes {
		return nil
	}
	fmt.Fprintf(w.out, "There is a database server at %s and a RabbitMQ at %s.\n"+
		"May I make a database and a virtual host there, both called pangaea, with a role and a user for each module? [y/N] ", database(), broker())
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

// named matches URLs of servers, as settings have them.
var named = regexp.MustCompile(`[a-z]+://[^\s"'/]+`)

// awake makes sure that the servers are there that settings name, and starts those in containers that are to be on this
// machine and are not.
func (w *wish) awake(ctx context.Context, settings string) error {
	for _, found := range named.FindAllString(settings, -1) {
		u, err := url.Parse(found)
		if err != nil || u.Hostname() == "" || listens(address(u)) {
			continue // what is wrong with it, who uses it says
		}
		if at := address(u); at != postgres && at != rabbitmq {
			return fmt.Errorf("it names the server at %s, where nobody listens", at)
		}
		return w.compose(ctx)
	}
	return nil
}

// compose starts the servers in containers, on this machine.
func (w *wish) compose(ctx context.Context) error {
	docker := exec.CommandContext(ctx, "docker", "compose", "version")
	alive := exec.CommandContext(ctx, "docker", "info")
	if docker.Run() != nil || alive.Run() != nil {
		return errors.New("a split needs a PostgreSQL and a RabbitMQ, and neither settings nor this machine nor Docker have both: " +
			"name them with PANGAEA_CONFIG, install them (Debian: apt-get install postgresql rabbitmq-server), start Docker, or run make split-local, which needs none")
	}
	if err := command(ctx, w.out, nil, "docker", "compose", "--profile", "servers", "up", "--detach", "--wait"); err != nil {
		return err
	}
	for !listens(postgres) || !listens(rabbitmq) {
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
