package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench/reference"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
	"github.com/pangaea-shop/pangaea/platform/loopback"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// A contestant can be started, again and again, on the same data.
type contestant struct {
	name     string
	place    place
	profiler string                                      // where it shows its profile; empty: nowhere
	prepare  func(ctx context.Context, url string) error // once, after the first start
	open     func(ctx context.Context, url string) (token string, err error)
	program  func(address string) (name string, args, env []string)
	topology string // the text of a file that says which processes it is; empty: one
}

// start starts the contestant and says how long its first answer took.
func (c *contestant) start(ctx context.Context) (*server, time.Duration, error) {
	at, err := c.settle()
	if err != nil {
		return nil, 0, err
	}
	log, err := os.OpenFile(filepath.Join(c.place.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = log.Close() }()
	name, args, env := c.program(at.address)
	command := exec.CommandContext(ctx, name, args...)
	command.Env, command.Stdout, command.Stderr = append(unconfigured(os.Environ()), env...), log, log
	if c.topology != "" {
		command.Dir = c.place.dir // in the folder of the source it would build the programs
	}
	p, took, err := start(ctx, at.address, command)
	if err != nil {
		return nil, 0, err
	}
	p.doors = at.doors
	open := func(ctx context.Context) (string, error) { return c.open(ctx, p.url) }
	return &server{process: p, place: c.place, open: open, catalog: at.catalog}, took, nil
}

// newReference returns a reference with the steps. It is this program, once more, in a process of its own.
func newReference(at place, steps string) (*contestant, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return &contestant{
		name: "reference with " + steps + " steps", place: at,
		prepare: func(context.Context, string) error { return nil },
		open:    func(context.Context, string) (string, error) { return "nobody", nil },
		program: func(address string) (string, []string, []string) {
			return self, []string{"bench", "reference", "--steps", steps, "--database-url", at.url, "--dir", at.dir, "--addr", address}, nil
		},
	}, nil
}

// What the shop is run with, beside its address and its folder. Everything else is as it comes.
var settings = []string{
	"PANGAEA_RATE_LIMIT=off",            // the load is one client
	"PANGAEA_CHECKOUT_DEADLINE=10m",     // a backlog is measured, not cancelled
	"PANGAEA_CARRIER_DISPATCH_AFTER=0s", // the whole saga runs while it is measured, to the last step,
	"PANGAEA_CARRIER_DELIVER_AFTER=0s",  // and not after that
	"PANGAEA_STAFF_EMAIL=" + staffAddress,
}

const (
	staffAddress    = "staff@bench.example"
	customerAddress = "ada@bench.example"
	password        = "correct horse battery staple"
)

// newShop returns the product itself, in a program that shows its profile or not.
func newShop(at place, monolith string, profiled bool) (c *contestant, err error) {
	c = &contestant{name: "shop", place: at, prepare: stockShelves, open: signIn}
	if profiled {
		if c.profiler, err = loopback.Address(); err != nil {
			return nil, err
		}
	}
	where, first := []string{"PANGAEA_DATA_DIR=" + filepath.Join(at.dir, "data")}, true
	if at.server != nil {
		where = append(where, "PANGAEA_DATABASE_URL="+at.url)
	}
	c.program = func(address string) (string, []string, []string) {
		env := slices.Concat([]string{"PANGAEA_HTTP_ADDR=" + address}, where, settings)
		if first { // later on it would only be compared, which takes as long as a sign-in
			env, first = append(env, "PANGAEA_STAFF_PASSWORD="+password), false
		}
		if profiled {
			env = append(env, "PROFILER_ADDR="+c.profiler)
		}
		return monolith, nil, env
	}
	return c, nil
}

// stockShelves makes products, stock, and a customer.
func stockShelves(ctx context.Context, url string) error {
	staff, err := shopclient.SignIn(ctx, shopclient.Settings{URL: url, Email: staffAddress, Password: password})
	if err != nil {
		return err
	}
	shelves, ctx := errgroup.WithContext(ctx)
	shelves.SetLimit(8)
	for n := range reference.SKUs {
		shelves.Go(func() error {
			sku := reference.SKU(n)
			_, err := staff.ListProduct(ctx, shopclient.Product{SKU: sku, Name: "A thing", Price: money.New(1999, "GBP")})
			if err != nil {
				return err
			}
			return staff.Receive(ctx, sku, 1_000_000, "bench", "bench-"+sku)
		})
	}
	shelves.Go(func() error {
		return post(ctx, url+"/api/v1/accounts", map[string]string{"email": customerAddress, "password": password, "name": "Ada"}, nil)
	})
	return shelves.Wait()
}

// signIn lets the customer in. The token lasts for minutes, which is longer than one measurement.
func signIn(ctx context.Context, url string) (string, error) {
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	err := post(ctx, url+"/api/v1/tokens", map[string]string{"email": customerAddress, "password": password}, &tokens)
	return tokens.AccessToken, err
}

// build builds the monolith as it is released, or with a profiler in it.
func build(ctx context.Context, into string, profiler bool) error {
	args := []string{"build", "-o", into}
	if profiler {
		args = append(args, "-tags", "profiler")
	}
	command := exec.CommandContext(ctx, "go", append(args, "github.com/pangaea-shop/pangaea/cmd/monolith")...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("build the monolith: %w\n%s", err, out)
	}
	return nil
}
