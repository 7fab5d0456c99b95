// Package inventorysql holds the inventory's migrations, a folder per dialect.
package inventorysql

import "embed"

// Files are the migrations.
//
//go:embed */*.sql
var Files embed.FS
