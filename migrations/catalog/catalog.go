// Package catalogsql holds the catalog's migrations, a folder per dialect.
package catalogsql

import "embed"

// Files are the migrations.
//
//go:embed */*.sql
var Files embed.FS
