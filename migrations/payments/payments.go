// Package paymentssql is the schema of payments: a folder of migrations per dialect.
package paymentssql

import "embed"

// Files holds the migrations.
//
//go:embed */*.sql
var Files embed.FS
