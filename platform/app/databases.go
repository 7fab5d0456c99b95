package app

import (
	"cmp"
	"errors"
	"log/slog"
	"strings"
	"sync"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// databaseSettings say where the databases of all modules are.
type databaseSettings struct {
	DataDir string           `env:"PANGAEA_DATA_DIR" default:"./data" doc:"folder of the embedded databases, one process at a time"`
	URL     database.Address `env:"PANGAEA_DATABASE_URL" secret:"true" doc:"database server for trying out, one role for all modules; empty: embedded databases in the data folder"`
}

// moduleSettings say where the database of one module is, if it is somewhere else.
type moduleSettings struct {
	URL        database.Address `env:"PANGAEA_<MODULE>_DATABASE_URL" secret:"true" doc:"the module's own database; empty: as PANGAEA_DATABASE_URL says"`
	MigrateURL database.Address `env:"PANGAEA_<MODULE>_MIGRATE_URL" secret:"true" doc:"the same for who may change its schema; empty: as PANGAEA_<MODULE>_DATABASE_URL"`
}

// in is the same for the modules of one process, where the topology says something about it.
func (s databaseSettings) in(p *topology.Process) databaseSettings {
	switch {
	case p == nil:
	case p.Data != "":
		s.DataDir, s.URL = p.Data, ""
	case p.Database != "":
		s.URL = database.Address(p.Database)
	}
	return s
}

// Places finds out where the database of each module is.
func Places(settings *config.Config, place topology.Place) database.Places {
	return func(module string) (database.Options, error) {
		all, err := config.Section[databaseSettings](settings)
		if err != nil {
			return database.Options{}, err
		}
		if place.Topology != nil {
			all = all.in(place.Topology.Host(module))
		}
		own, err := config.SectionOf[moduleSettings](settings, database.Schema(module))
		if err != nil {
			return database.Options{}, err
		}
		o := database.Options{Dir: all.DataDir, URL: string(own.URL)}
		switch {
		case own.URL != "":
			o.Setting = ownSetting(module, "DATABASE")
		case all.URL != "":
			o.URL, err = database.Share(string(all.URL), module)
			o.Setting = "PANGAEA_DATABASE_URL"
		}
		if o.MigrateURL = cmp.Or(string(own.MigrateURL), o.URL); own.MigrateURL != "" {
			o.Setting = strings.TrimPrefix(o.Setting+", "+ownSetting(module, "MIGRATE"), ", ")
		}
		return o, err
	}
}

// DatabaseSettings name the settings that say where one module's database is, if it is somewhere else than the rest.
func DatabaseSettings(module string) (url, migrate string) {
	return ownSetting(module, "DATABASE"), ownSetting(module, "MIGRATE")
}

// DataDirSetting names the one that says where the embedded databases are.
const DataDirSetting = "PANGAEA_DATA_DIR"

// ownSetting is the name of one of moduleSettings.
func ownSetting(module, what string) string {
	return "PANGAEA_" + strings.ToUpper(database.Schema(module)) + "_" + what + "_URL"
}

// Folders are the data folders that a process has for itself, each from the moment that the first of its databases
// is asked for until all are closed.
type Folders struct {
	mu    sync.Mutex
	taken map[string]*database.Folder
}

func newFolders(life fx.Lifecycle) *Folders {
	folders := &Folders{taken: map[string]*database.Folder{}}
	life.Append(fx.StopHook(folders.Close))
	return folders
}

// lock takes a folder, if it is not ours already.
func (f *Folders) lock(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.taken[dir] == nil {
		f.taken[dir] = database.NewFolder(dir)
	}
	return f.taken[dir].Lock()
}

// Close lets others take the folders.
func (f *Folders) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var failed []error
	for _, folder := range f.taken {
		failed = append(failed, folder.Close())
	}
	return errors.Join(failed...)
}

// locate is Places for a process that takes a data folder as soon as somebody's database is in it, and that
// says so where one role has the tables of all modules.
func locate(settings *config.Config, place topology.Place, folders *Folders) (database.Places, error) {
	all, err := config.Section[databaseSettings](settings)
	shared := all.in(place.Process).URL
	places, warn := Places(settings, place), sync.OnceFunc(func() {
		slog.Warn("one database role has the tables of all modules: PANGAEA_DATABASE_URL is for trying out, pangaea database prepare gives each module a role of its own")
	})
	return func(module string) (database.Options, error) {
		o, err := places(module)
		if err == nil && o.URL == "" {
			err = folders.lock(o.Dir)
		}
		if shared, _ := database.Share(string(shared), module); err == nil && o.URL != "" && o.URL == shared {
			warn()
		}
		return o, err
	}, err
}
