// Package shippingcarriersql is the schema of the simulated carrier, which is no part of the shop and
// shares nothing with it: a folder of migrations per dialect.
package shippingcarriersql

import "embed"

// Files holds the migrations.
//
//go:embed */*.sql
var Files embed.FS
