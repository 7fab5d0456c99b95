// Package platformsql holds the migrations of the platform's own tables, which every module's database has.
package platformsql

import "embed"

// Files has a folder of migrations per SQL dialect.
//
//go:embed */*.sql
var Files embed.FS
