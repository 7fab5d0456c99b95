// Package module gives a business module what it stands on.
package module

import (
	"io/fs"

	"go.uber.org/fx"
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
// A module asks for a huma.API to mount its routes on, which the process provides.
func Parts(name string, migrations fs.FS) fx.Option { panic("unwritten") }
