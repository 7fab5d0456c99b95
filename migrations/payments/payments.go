// Package paymentssql is the schema of payments: a folder of migrations per dialect.
package paymentssql

import "embed"

// Files holds the migrations.
//
//go:embed sqlite/*.sql
var Files embed.FS
