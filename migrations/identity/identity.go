// Package identitysql holds the migrations of the identity module's database.
package identitysql

import "embed"

// Files are the migrations, a folder per dialect.
//
//go:embed */*.sql
var Files embed.FS
