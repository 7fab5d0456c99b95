// Package module gives a business module what it stands on.
package module

import (
	"context"
	"fmt"
	"io/fs"
	"os/signal"
	"syscall"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/idempotency"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Parts provides to one module, and to nobody else, what is its own: *database.DB, *outbox.Outbox,
// *bus.Events, *tasks.Queue, *idempotency.Keys and *audit.Log, and starts and stops them with the
// process. migrations holds a folder of SQL per dialect.
//
//	var Module = fx.Module("ordering",
//		module.Parts("ordering", orderingmigrations.Files),
//		fx.Provide(fx.Private, store.NewOrders, …),
//		fx.Invoke(connect),
//	)
//
// A module asks for a huma.API to mount its routes on; Parts provides one that knows the module's name.
// The process provides what modules share: database.Places, *httpserver.Server, outbox.Manifest,
// message.Publisher and message.Subscriber, *prometheus.Registry, and a *Roll that the module is put on;
// it may provide outbox.RelayOptions, and bus.Addresses, where its events leave it; and it invokes Work after its modules.
func Parts(name string, migrations fs.FS) fx.Option {
	return fx.Options(
		fx.Provide(
			fx.Private,
			func(places database.Places) (*database.DB, error) {
				place, err := places(name)
				if err != nil {
					return nil, fmt.Errorf("the database of %s: %w", name, err)
				}
				place.Migrations = migrations
				opening, opened := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
				defer opened() // who waits for a server can be told to stop
				return database.Open(opening, name, place)
			},
			outbox.New,
			fx.Annotate(outbox.NewRelay, fx.ParamTags("", "", `optional:"true"`)),
			func(db *database.DB) *inbox.Inbox { return inbox.New(db, inbox.Options{}) },
			func(in *inbox.Inbox, subscriber message.Subscriber, manifest outbox.Manifest) *bus.Events {
				return bus.NewEvents(name, subscriber, in, manifest)
			},
			func(server *httpserver.Server) huma.API { return server.API(name) },
			tasks.New,
			idempotency.New,
			audit.New,
		),
		fx.Invoke(run, measure, enter(name, migrations)),
	)
}

// run is the order in which the parts of a module start: what it hears at once, what makes it talk when
// Work says so. They stop the other way round, so that whatever still writes finds the database open.
func run(life fx.Lifecycle, roll *Roll, db *database.DB, relay *outbox.Relay, events *bus.Events, queue *tasks.Queue, keys *idempotency.Keys) {
	life.Append(fx.StopHook(db.Close))
	life.Append(fx.StartStopHook(events.Start, events.Stop))
	roll.work = append(roll.work,
		fx.StartStopHook(relay.Start, relay.Stop),
		fx.StartStopHook(queue.Start, queue.Stop),
		fx.StartStopHook(keys.Start, keys.Stop),
	)
}

// measure lets Prometheus see the parts that measure themselves.
func measure(registry *prometheus.Registry, db *database.DB, box *outbox.Relay, in *inbox.Inbox, queue *tasks.Queue) error {
	for _, c := range []prometheus.Collector{db, box, in, queue} {
		if err := registry.Register(c); err != nil {
			return err
		}
	}
	return nil
}
