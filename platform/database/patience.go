package database

import (
	"context"
	"log/slog"
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

const (
	patience = time.Minute            // for a server at the start of a process
	retry    = 500 * time.Millisecond // between two tries
)

// patiently tries to open a database until another moment would not help, and no longer than ctx or our
// patience lasts. It says once that it waits, and for what.
func patiently(ctx context.Context, name string, open func() (*DB, error)) (*DB, error) {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for first := true; ; first = false {
		db, err := open()
		if fault.KindOf(err) != fault.Unavailable || waiting.Err() != nil {
			return db, err
		}
		if first {
			slog.WarnContext(ctx, "waiting for the database server", "module", name, "at_most", patience, "error", err)
		}
		select {
		case <-time.After(retry):
		case <-waiting.Done():
			return nil, err
		}
	}
}
