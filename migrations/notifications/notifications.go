// Package notificationssql holds the migrations of the notifications module's database.
package notificationssql

import "embed"

// Files are the migrations, a folder per dialect.
//
//go:embed */*.sql
var Files embed.FS
