// Package paymentsprovidersql is the schema of the simulated payment provider, which is no part of the
// shop and shares nothing with it: a folder of migrations per dialect.
package paymentsprovidersql

import "embed"

// Files holds the migrations.
//
//go:embed */*.sql
var Files embed.FS
