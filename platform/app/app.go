// Package app is what every process of the shop stands on, whichever modules it hosts.
//
//	var monolith = fx.Options(app.Base, bus.FromConfig, shop.Modules)
//
//	func main() { app.Run(monolith) }
//
// Modules are wired in the order they are listed. Then all of them listen, then all of them begin to
// talk, then gRPC opens and HTTP; what was started first stops last.
package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/rpc"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// Core gives a process its settings, its log and its end: all that one needs which is no part of the shop, but
// something that the shop stands on.
var Core = fx.Options(
	fx.Provide(load, config.Section[logSettings], config.Section[httpserver.Settings], newEnding),
	fx.WithLogger(newLog),
	fx.StartTimeout(startTimeout),
	fx.StopTimeout(StopTimeout),
)

// Base gives a process Core, its data folder, its measurements, its HTTP face and its way to other processes.
// It needs an auth.KeySource. It is fx.Options and no module, so that its invocation comes after the modules':
// nothing must listen before there is somebody to answer.
var Base = fx.Options(
	Core,
	fx.Provide(
		config.Section[module.Limits],
		neighbours,
		newFolders,
		locate,
		newRegistry,
		module.NewRoll,
		auth.NewVerifier,
		httpserver.New,
		config.Section[rpc.Settings],
		rpc.NewServer,
		newPeers,
	),
	fx.Invoke(atHome, module.Work, answer, listen),
)

// Load finds the settings, with what follows from where the process stands in a topology, if it stands in one.
func Load() (*config.Config, topology.Place, error) {
	settings, err := config.Load()
	if err != nil {
		return nil, topology.Place{}, err
	}
	place, err := topology.Locate(settings)
	return settings, place, err
}

// load is Load. Before anything starts, and after everything is wired, what was written and nobody asked for is a
// mistake.
func load(life fx.Lifecycle) (*config.Config, topology.Place, error) {
	settings, place, err := Load()
	if err == nil {
		life.Append(fx.StartHook(func() error { return checkUnknown(settings) }))
	}
	return settings, place, err
}

func checkUnknown(settings *config.Config) error {
	if ignored := settings.Ignored(); len(ignored) > 0 {
		slog.Warn("some environment variables are no settings of this process and are ignored", "names", ignored)
	}
	return settings.CheckUnknown()
}

func newRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return registry
}

// newPeers gives a process the ones it asks, and leaves them when it stops.
func newPeers(life fx.Lifecycle, settings rpc.Settings, directory discovery.Directory, registry *prometheus.Registry) (*rpc.Peers, error) {
	peers, err := rpc.NewPeers(settings, directory, registry)
	if err == nil {
		life.Append(fx.StopHook(peers.Close))
	}
	return peers, err
}

// answer lets other processes ask this one, if it has an address for them.
func answer(life fx.Lifecycle, server *rpc.Server, process *ending) {
	life.Append(fx.Hook{
		OnStart: func(ctx context.Context) error {
			if err := server.Start(ctx); err != nil {
				return err
			}
			go process.watch(server.Ended())
			return nil
		},
		OnStop: server.Stop,
	})
}

// listen opens the shop. A process that nobody can reach any more ends, so that whoever looks after it
// starts it again.
func listen(life fx.Lifecycle, server *httpserver.Server, process *ending, place topology.Place) {
	life.Append(fx.Hook{
		OnStart: func(ctx context.Context) error {
			if err := server.Start(ctx); err != nil {
				return err
			}
			go process.watch(server.Ended())
			if !place.Edge() {
				return nil
			}
			return greet(os.Stdout, server.Address())
		},
		OnStop: server.Stop,
	})
}

// greet tells whoever started the process where it can be reached.
func greet(out io.Writer, address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	if ip := net.ParseIP(host); ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	url := "http://" + net.JoinHostPort(host, port)
	_, err = fmt.Fprintf(out, "\n  Pangaea is open.\n    shop           %s\n    API reference  %s/docs\n\n", url, url)
	return err
}
