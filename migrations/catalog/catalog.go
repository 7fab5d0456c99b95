// Package catalogsql holds the catalog's migrations, a folder per dialect.
package catalogsql

import "embed"

// Files are the migrations.
//
//go:embed sqlite/*.sql
var Files embed.FS
