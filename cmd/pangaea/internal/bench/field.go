package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench/reference"
)

// The kinds of databases that are measured.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// A field is who runs against each other: the shop and its references on one kind of database.
type field struct {
	database string
	about    string // what the database is, and how durable
	profile  string // file for a processor profile of the shop; empty: none
	shop     *contestant
	four     *contestant // the reference of the goals
	same     *contestant // the reference with the product's own steps
}

func (f *field) contestants() []*contestant { return []*contestant{f.shop, f.four, f.same} }

// line brings the contestants of a kind of database to the start.
func (b *bench) line(ctx context.Context, database, monolith string) (*field, error) {
	f := &field{database: database, about: "SQLite, synchronous=FULL", profile: b.profileOf(database)}
	var server *postgres
	if database == Postgres {
		var err error
		if server, err = dialPostgres(ctx, b.PostgresURL); err != nil {
			return nil, fmt.Errorf("PostgreSQL is not measured, PANGAEA_BENCH_POSTGRES_URL: %w", err)
		}
		b.servers = append(b.servers, server)
		f.about = server.about
	}
	at, err := b.place(ctx, server, database+"-shop")
	if err != nil {
		return nil, err
	}
	if f.shop, err = newShop(at, monolith, f.profile != ""); err != nil {
		return nil, err
	}
	for steps, of := range map[string]**contestant{reference.Four: &f.four, reference.Same: &f.same} {
		if at, err = b.place(ctx, server, database+"-"+steps); err != nil {
			return nil, err
		}
		if *of, err = newReference(at, steps); err != nil {
			return nil, err
		}
	}
	for _, c := range f.contestants() {
		c.name += " on " + map[string]string{SQLite: "SQLite", Postgres: "PostgreSQL"}[database]
	}
	return f, nil
}

// profileOf is the file for the profile on a kind of database: where there are several, with its name in it.
func (b *bench) profileOf(database string) string {
	if b.Profile == "" || len(b.Databases) == 1 {
		return b.Profile
	}
	kind := filepath.Ext(b.Profile)
	return b.Profile[:len(b.Profile)-len(kind)] + "." + database + kind
}

// A place is where a contestant keeps things.
type place struct {
	dir string // of its files and its log

	server *postgres // where it is not the files that count
	name   string    // of the database
	url    string

	broker *rabbitmq // that carries its events, if one does
}

// place makes a place on a server, or of files if there is none.
func (b *bench) place(ctx context.Context, server *postgres, name string) (place, error) {
	p := place{dir: filepath.Join(b.dir, name)}
	err := os.Mkdir(p.dir, 0o700)
	if err == nil && server != nil {
		p.server, p.name = server, ours+b.run+"_"+strings.ReplaceAll(name, "-", "_")
		p.url, err = server.create(ctx, p.name)
	}
	return p, err
}

// ours is how the names of databases and virtual hosts begin that we make.
const ours = "pangaea_t_bench_"
