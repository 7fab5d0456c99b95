package shop

import (
	"errors"
	"os"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// A Wired is the whole shop, put together and not started: for what describes it or looks into its
// databases while it stands still. Its schemas are up to date.
type Wired struct {
	Config  *config.Config
	Server  *httpserver.Server
	Roll    *module.Roll
	folders *app.Folders
}

// Open puts the shop together as it is configured, on its own data folder.
func Open() (*Wired, error) {
	if err := app.Preflight(); err != nil {
		return nil, err
	}
	return wire(fx.Options())
}

// Wire puts the shop together with default settings, in a throw-away folder that discard removes.
func Wire() (wired *Wired, discard func(), err error) {
	dir, err := os.MkdirTemp("", "pangaea-*")
	if err != nil {
		return nil, nil, err
	}
	remove := func() { _ = os.RemoveAll(dir) } // the system empties such folders sooner or later
	wired, err = wire(fx.Replace(config.Of(map[string]string{"PANGAEA_DATA_DIR": dir, "PANGAEA_LOG_LEVEL": "error"}), topology.Place{}))
	if err != nil {
		remove()
		return nil, nil, err
	}
	return wired, func() { _ = wired.Close(); remove() }, nil
}

// wire needs no contracts, so that it can make them.
func wire(settings fx.Option) (*Wired, error) {
	var w Wired
	err := fx.New(
		app.Base,
		bus.FromConfig,
		fx.Supply(outbox.Manifest{}),
		fx.Provide(func(keys identity.Keys) auth.KeySource { return keys }),
		Modules,
		settings,
		fx.Populate(&w.Config, &w.Server, &w.Roll, &w.folders),
	).Err()
	if err != nil {
		return nil, err
	}
	return &w, nil
}

// Close closes the databases and leaves the data folder.
func (w *Wired) Close() error {
	var failed []error
	for _, member := range w.Roll.Members() {
		failed = append(failed, member.DB.Close())
	}
	return errors.Join(append(failed, w.folders.Close())...)
}
