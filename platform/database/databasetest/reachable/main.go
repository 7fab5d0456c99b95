// Command reachable prints the kinds of database server that the tests can run on here, and says of the
// others what is not tested and how to get it. On CI that is a failure: a test that was not run has not passed.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

var servers = []struct {
	kind       database.Dialect
	name, hint string
}{
	{database.Postgres, "PostgreSQL", "PANGAEA_TEST_POSTGRES_URL"},
	{database.MySQL, "MySQL or MariaDB", "PANGAEA_TEST_MYSQL_URL"},
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	missing := false
	for _, s := range servers {
		if err := databasetest.Ping(ctx, s.kind); err != nil {
			missing = true
			fmt.Fprintf(os.Stderr, "not tested on %s, which cannot be reached (%v): start one, or name one in %s\n", s.name, err, s.hint)
			continue
		}
		fmt.Println(s.kind)
	}
	cancel()
	if missing && os.Getenv("CI") == "true" {
		os.Exit(1)
	}
}
