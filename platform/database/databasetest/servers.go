package databasetest

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// Servers are the kinds of database server that can be reached, for tests that are about servers: the one
// that the tests run on, or all. Of others it says that they were not tested; on CI that is a failure.
func Servers(t testing.TB) (kinds []database.Dialect) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for _, kind := range []database.Dialect{database.Postgres, database.MySQL} {
		if own := Dialect(); own != database.SQLite && own != kind {
			continue
		}
		err := Ping(ctx, kind)
		switch {
		case err == nil:
			kinds = append(kinds, kind)
		case os.Getenv("CI") == "true":
			t.Errorf("%s was not tested on %s, which cannot be reached: %v", t.Name(), kind, err)
		default:
			fmt.Fprintf(os.Stderr, "%s was not tested on %s, which cannot be reached: %v\n", t.Name(), kind, err)
		}
	}
	return kinds
}
