// Package orderingsql is the schema of ordering: a folder of migrations per dialect.
package orderingsql

import "embed"

// Files holds the migrations.
//
//go:embed */*.sql
var Files embed.FS
