package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench/reference"
	"github.com/pangaea-shop/pangaea/platform/loopback"
)

// A split is the shop in several forms: as one process, and as more and more. All are built from the same source and
// run on the same servers.
type split struct {
	bench  *bench
	about  string
	relays *relays
	forms  []*contestant // the first is one process, the last is as many as there can be
}

// gentle is how many orders a second every form keeps up with, and few enough that none waits for another.
const gentle = 20

// gatherSplit makes the forms.
func (b *bench) gatherSplit(ctx context.Context) error {
	away := func(err error) error { return fmt.Errorf("the cost of a split is not measured, %w", err) }
	broker, err := dialRabbitMQ(ctx, b.RabbitMQURL)
	if err != nil {
		return away(fmt.Errorf("PANGAEA_BENCH_RABBITMQ_URL: %w", err))
	}
	server, err := dialPostgres(ctx, b.PostgresURL)
	if err != nil {
		return away(fmt.Errorf("PANGAEA_BENCH_POSTGRES_URL: %w", err))
	}
	b.servers = append(b.servers, broker, server)
	b.say("building the programs of a split")
	bin := filepath.Join(b.dir, "bin")
	if err := buildAll(ctx, bin); err != nil {
		return err
	}
	b.split = &split{bench: b, about: "The cost of a split, on " + server.about + ", and " + broker.about, relays: &relays{server: server, broker: broker}}
	for _, form := range []struct {
		name, topology string
		broker         *rabbitmq
	}{{name: "one process"}, {name: "with the broker", broker: broker}, {"groups", "groups", broker}, {"split", "split", broker}} {
		c, err := b.form(ctx, form.name, server, form.broker, bin, form.topology)
		if err != nil {
			return err
		}
		b.split.forms, b.results[c] = append(b.split.forms, c), &results{}
	}
	return nil
}

// form makes the shop in one form: its events take the broker if there is one, and it is the processes of the topology
// if that has a name.
func (b *bench) form(ctx context.Context, name string, server *postgres, broker *rabbitmq, bin, named string) (*contestant, error) {
	at, err := b.place(ctx, server, "split-"+strings.ReplaceAll(name, " ", "-"))
	if err != nil {
		return nil, err
	}
	at.broker = broker
	c, err := newShop(at, filepath.Join(bin, "monolith"), false)
	if err != nil {
		return nil, err
	}
	c.name = name
	var carried []string
	if broker != nil {
		house, err := broker.create(ctx, at.name)
		if err != nil {
			return nil, err
		}
		carried = []string{"PANGAEA_BUS_URL=" + house}
	}
	one := c.program
	c.program = func(address string) (string, []string, []string) {
		program, args, env := one(address)
		if named != "" {
			program, args = filepath.Join(bin, "split"), []string{"--topology", c.layout(), "--bin", bin}
		}
		return program, args, append(env, carried...)
	}
	if named != "" {
		c.topology, err = standardTopology(ctx, named)
	}
	return c, err
}

// measure measures every form once; nothing if there are none.
func (s *split) measure(ctx context.Context, round int) error {
	if s == nil {
		return nil
	}
	for _, c := range s.forms {
		if err := first(ctx.Err(), s.bench.measureForm(ctx, c, round)); err != nil {
			return fmt.Errorf("the shop as %s: %w", c.name, err)
		}
	}
	s.bench.say("round %d of %d: relays", round+1, s.bench.Rounds)
	if err := s.relays.measure(ctx, s.bench.run, round, int(relayed*s.bench.Duration.Seconds())); err != nil {
		return fmt.Errorf("the relay: %w", err)
	}
	return nil
}

func (b *bench) measureForm(ctx context.Context, c *contestant, round int) error {
	s, err := c.begin(ctx, round)
	if err != nil {
		return err
	}
	defer s.stop()
	r := b.results[c]
	r.memory, r.processes, r.programs = append(r.memory, s.memory()), len(s.ids()), s.programs()
	b.say("round %d of %d: %s, one client who looks at products", round+1, b.Rounds, c.name)
	if err := s.browse(ctx, b.Duration, r); err != nil {
		return fmt.Errorf("looking at products: %w", err)
	}
	b.say("round %d of %d: %s, %d clients at once", round+1, b.Rounds, c.name, b.Clients)
	l, err := s.full(ctx, b.Clients, b.Duration)
	if err != nil {
		return fmt.Errorf("under full load: %w", err)
	}
	r.loads = append(r.loads, l)
	b.say("round %d of %d: %s, %d orders a second", round+1, b.Rounds, c.name, gentle)
	took, err := s.paced(ctx, gentle, b.Clients, b.Duration)
	if err != nil {
		return fmt.Errorf("at %d orders a second: %w", gentle, err)
	}
	r.checkouts = append(r.checkouts, took)
	return nil
}

// browse looks at products, in turns where clients do, and if there is a process that has them, at that, and through a
// gateway before it that is written by hand.
func (s *server) browse(ctx context.Context, d time.Duration, r *results) error {
	doors := []string{s.url}
	if s.catalog != "" {
		byHand, err := passTo(ctx, s.catalog)
		if err != nil {
			return err
		}
		defer byHand.stop()
		doors = append(doors, s.catalog, byHand.url)
	}
	conns, took := make([]*conn, len(doors)), make([][]time.Duration, len(doors))
	for i, door := range doors {
		c, err := dial(door)
		if err != nil {
			return err
		}
		defer func() { _ = c.Close() }()
		conns[i] = c
	}
	warm := time.Now().Add(d / 5)
	for n := 0; time.Now().Before(warm.Add(d)); n++ {
		request := fmt.Appendf(nil, "GET /api/v1/products/%s HTTP/1.1\r\nHost: shop\r\n\r\n", reference.SKU(n%reference.SKUs))
		for i, c := range conns {
			began := time.Now()
			if _, err := c.exchange(request, http.StatusOK); err != nil {
				return fmt.Errorf("%s: %w", doors[i], err)
			}
			if began.After(warm) {
				took[i] = append(took[i], time.Since(began))
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	for _, each := range took {
		slices.Sort(each)
	}
	r.shown = append(r.shown, took[0])
	if s.catalog != "" {
		r.direct, r.byHand = append(r.direct, took[1]), append(r.byHand, took[2])
	}
	return nil
}

// passTo starts the gateway that is written by hand, in a process of its own.
func passTo(ctx context.Context, url string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := loopback.Address()
	if err != nil {
		return nil, err
	}
	p, _, err := start(ctx, address, exec.CommandContext(ctx, self, "bench", "reference", "--before", url, "--addr", address))
	return p, err
}

const source = "github.com/pangaea-shop/pangaea"

// buildAll builds every program of a split as it is released.
func buildAll(ctx context.Context, into string) error {
	command := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", into+"/", source+"/cmd/monolith", source+"/cmd/split/...")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the programs of a split: %w\n%s", err, out)
	}
	return nil
}

// standardTopology is the text of a topology that comes with the source.
func standardTopology(ctx context.Context, name string) (string, error) {
	folder, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", source).Output()
	if err != nil {
		return "", errors.New("the topologies are where the source is, and this is not run there")
	}
	text, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)), "deploy", "topologies", name+".yaml"))
	return string(text), err
}
