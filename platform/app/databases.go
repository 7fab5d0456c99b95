package app

import (
	"cmp"
	"log/slog"
	"strings"
	"sync"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
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

// Places finds out where the database of each module is.
func Places(settings *config.Config) database.Places {
	return func(module string) (database.Options, error) {
		all, err := config.Section[databaseSettings](settings)
		if err != nil {
			return database.Options{}, err
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

// dataFolder is where the embedded databases are. Nobody else can have it from the first one's opening until
// all are closed.
func dataFolder(life fx.Lifecycle, settings *config.Config) (*database.Folder, error) {
	all, err := config.Section[databaseSettings](settings)
	if err != nil {
		return nil, err
	}
	folder := database.NewFolder(all.DataDir)
	life.Append(fx.StopHook(folder.Close))
	return folder, nil
}

// locate is Places for a process that takes the data folder as soon as somebody's database is in it, and that
// says so where one role has the tables of all modules.
func locate(settings *config.Config, folder *database.Folder) (database.Places, error) {
	all, err := config.Section[databaseSettings](settings)
	places, warn := Places(settings), sync.OnceFunc(func() {
		slog.Warn("one database role has the tables of all modules: PANGAEA_DATABASE_URL is for trying out, pangaea database prepare gives each module a role of its own")
	})
	return func(module string) (database.Options, error) {
		o, err := places(module)
		if err == nil && o.URL == "" {
			err = folder.Lock()
		}
		if shared, _ := database.Share(string(all.URL), module); err == nil && o.URL != "" && o.URL == shared {
			warn()
		}
		return o, err
	}, err
}
