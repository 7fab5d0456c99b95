package stories

import (
	"cmp"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// What docs/operations.md says of servers: their own tools see all modules at one instant, if they are asked
// for all of them at once.
func TestServersAreBackedUpWhileCustomersOrder(t *testing.T) {
	kind := databasetest.Dialect()
	if kind == database.SQLite {
		return // see the backups of files
	}
	t.Parallel()
	shop := open(t)
	customers := gather(1, shop)
	staff := shop.staff()
	eventually(t, func() bool { return len(staff.orders()) > 20 }, "nobody orders")
	before := staff.orders()
	elsewhere := copyServer(t, kind, shop.server)
	all := customers.leaves(shop)

	again := open(t, "PANGAEA_DATABASE_URL="+elsewhere)
	again.server = elsewhere
	require.Positive(t, again.goesOn(before, all), "every order had ended before the backup: the run proves nothing")
}

// copyServer dumps a database that all modules share, brings the dump to another one and returns its URL.
func copyServer(t *testing.T, kind database.Dialect, address string) string {
	t.Helper()
	dump, elsewhere := filepath.Join(t.TempDir(), "dump"), databasetest.Server(t, kind)
	if kind == database.Postgres {
		tool(t, "", nil, "pg_dump", "--format=custom", "--file="+dump, address)
		tool(t, "", nil, "pg_restore", "--exit-on-error", "--dbname="+elsewhere, dump)
		return elsewhere
	}
	from, to := pathOf(t, address), pathOf(t, elsewhere)
	admin := databasetest.Connect(t, kind, address)
	modules := texts(t, admin, "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ?", strings.ReplaceAll(from, "_", `\_`)+`\_%`)
	access, environment := mysqlAccess(t, address)
	tool(t, "", environment, "mariadb-dump", append(access, append([]string{"--single-transaction", "--result-file=" + dump, "--databases"}, modules...)...)...)
	script, err := os.ReadFile(dump)
	require.NoError(t, err)
	tool(t, strings.ReplaceAll(string(script), from, to), environment, "mariadb", access...)
	return elsewhere
}

// tool runs a program that came with the server.
func tool(t *testing.T, input string, environment []string, name string, args ...string) {
	t.Helper()
	command := exec.Command(name, args...)
	command.Env, command.Stdin = append(os.Environ(), environment...), strings.NewReader(input)
	out, err := command.CombinedOutput()
	require.NoError(t, err, "%s: %s", name, out)
}

// mysqlAccess is a URL as MariaDB's programs want it: the password is not for the list of processes.
func mysqlAccess(t *testing.T, address string) (args, environment []string) {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	password, _ := u.User.Password()
	return []string{"--host=" + u.Hostname(), "--port=" + cmp.Or(u.Port(), "3306"), "--user=" + u.User.Username()}, []string{"MYSQL_PWD=" + password}
}
