// Package shippingsql is the schema of shipping: a folder of migrations per dialect.
package shippingsql

import "embed"

// Files holds the migrations.
//
//go:embed */*.sql
var Files embed.FS
