package stories

import (
	"crypto/rand"
	"database/sql"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// A prepared server has a role for every module, made by the operator's command.
type prepared struct {
	*shop
	kind    database.Dialect
	name    string // what everything begins with
	admin   string
	file    string
	running map[string]string // the URL of each module, by its schema
	migrate map[string]string // and of who migrates
}

// A line of the file of settings.
var roleSetting = regexp.MustCompile(`(?m)^(\w+)_(database|migrate)_url: "(.*)"$`)

// unprepared is a server of which nothing has been asked yet, and a name of the test's own.
func unprepared(t *testing.T, kind database.Dialect) *prepared {
	t.Helper()
	p := &prepared{
		kind: kind, name: "pangaea_t_" + strings.ToLower(rand.Text()[:5]), admin: databasetest.PostgresURL(),
		file: filepath.Join(t.TempDir(), "pangaea.yaml"), running: map[string]string{}, migrate: map[string]string{},
	}
	if kind == database.MySQL {
		p.admin = databasetest.MySQLURL()
	}
	p.shop = &shop{t: t, env: append(os.Environ(), "PANGAEA_ADMIN_URL="+p.admin)}
	db := databasetest.Connect(t, kind, p.admin)
	t.Cleanup(func() { p.forget(t, db) })
	return p
}

// prepare has a server prepared.
func prepare(t *testing.T, kind database.Dialect) *prepared {
	t.Helper()
	p := unprepared(t, kind)
	require.Contains(t, p.prepares(0), "created")
	text, err := os.ReadFile(p.file)
	require.NoError(t, err)
	for _, setting := range roleSetting.FindAllStringSubmatch(string(text), -1) {
		if setting[2] == "migrate" {
			p.migrate[setting[1]] = setting[3]
		} else {
			p.running[setting[1]] = setting[3]
		}
	}
	require.Greater(t, len(p.running), 7, "%s", text)
	require.ElementsMatch(t, slices.Collect(maps.Keys(p.running)), slices.Collect(maps.Keys(p.migrate)))
	return p
}

// preparing is whoever prepares: the second of two gives up after five seconds.
var preparing sync.Mutex

// prepares runs the command, expects its exit code and that it tells no password, and returns what it says.
func (p *prepared) prepares(code int, args ...string) string {
	p.t.Helper()
	preparing.Lock()
	defer preparing.Unlock()
	out, got := p.pangaea(append([]string{"database", "prepare", "--name", p.name, "--out", p.file}, args...)...)
	require.Equal(p.t, code, got, out)
	text, err := os.ReadFile(p.file)
	if err == nil {
		for _, setting := range roleSetting.FindAllStringSubmatch(string(text), -1) {
			require.NotContains(p.t, out, passwordOf(p.t, setting[3]))
		}
		requireMode(p.t, p.file)
	}
	return out
}

// forget removes what was prepared.
func (p *prepared) forget(t *testing.T, db *sql.DB) {
	like := "'" + strings.ReplaceAll(p.name, "_", `\_`) + "%'"
	ends := []string{
		"SELECT CONCAT('DROP DATABASE ', datname, ' WITH (FORCE)') FROM pg_database WHERE datname LIKE " + like,
		"SELECT CONCAT('DROP ROLE ', rolname) FROM pg_roles WHERE rolname LIKE " + like,
	}
	if p.kind == database.MySQL {
		ends = []string{
			"SELECT CONCAT('DROP DATABASE ', schema_name) FROM information_schema.schemata WHERE schema_name LIKE " + like,
			"SELECT CONCAT('DROP USER ', user) FROM mysql.user WHERE user LIKE " + like,
		}
	}
	for _, end := range ends {
		for _, statement := range texts(t, db, end) {
			_, err := db.Exec(statement)
			require.NoError(t, err, statement)
		}
	}
}

// The whole shop on servers where each module has a role that can do nothing but its work.
func TestEveryModuleHasARoleOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Servers(t) {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := prepare(t, kind)
			p.sells(t)
			t.Run("nobody trespasses", p.trespass)
			t.Run("at home only rows change", p.home)
			t.Run("preparing again", p.again)
		})
	}
}

// sells opens the shop with the file of settings, and has it sell, stop and open again.
func (p *prepared) sells(t *testing.T) {
	shop := open(t, "PANGAEA_DATABASE_URL=", "PANGAEA_CONFIG="+p.file)
	require.NotContains(t, shop.out.String(), "PANGAEA_DATABASE_URL is for trying out")
	shop.staff().sells("MUG", 799, 10)
	ada := shop.customer("ada")
	first := ada.place("tok_approve", "MUG", 3)
	delivered := ada.becomes(first.ID, "delivered")
	back := post[goodsReturn](ada, "/api/v1/orders/"+first.ID+"/returns", map[string]any{
		"items": []map[string]any{{"line_id": delivered.Lines[0].LineID, "quantity": 1}}, "reason": "it has a crack",
	}, http.StatusCreated)
	shop.staff().call(http.MethodPost, "/api/v1/returns/"+back.ID+"/accept", nil).expect(t, http.StatusOK)
	ada.follow(first.ID, "refunded", func(o order) bool { return o.Returns[0].Status == "refunded" })
	ada.settles(ada.place("tok_decline", "MUG", 1).ID)
	shop.isSound()

	shop.stop()
	out, code := shop.pangaea("migrate")
	require.Zero(t, code, out)
	require.Len(t, regexp.MustCompile(`version \d`).FindAllString(out, -1), len(p.running), out)
	out, code = shop.pangaea("staff", "reset-password")
	require.Zero(t, code, out)
	shop.start()
	shop.nobody().call(http.MethodPost, "/api/v1/tokens", map[string]string{"email": staffEmail, "password": staffPassword}).
		expect(t, http.StatusUnauthorized)
	ada.becomes(ada.place("tok_approve", "MUG", 1).ID, "delivered")
	shop.isSound()
	shop.stop()
	shop.isSound()
}

// again prepares what is prepared: nothing changes, unless somebody changed it or asks for other passwords.
func (p *prepared) again(t *testing.T) {
	p.t = t
	before, err := os.ReadFile(p.file)
	require.NoError(t, err)
	require.Contains(t, p.prepares(0), "nothing was done")
	require.Contains(t, p.prepares(0, "--rotate", "--dry-run"), "Nothing was done")
	same, err := os.ReadFile(p.file)
	require.NoError(t, err)
	require.Equal(t, string(before), string(same))

	admin := databasetest.Connect(t, p.kind, p.admin)
	grant := "ALTER ROLE " + p.name + "_ordering CREATEDB"
	if p.kind == database.MySQL {
		grant = "GRANT SELECT ON " + p.name + "_payments.* TO " + p.name + "_ordering"
	}
	_, err = admin.Exec(grant)
	require.NoError(t, err)
	require.Regexp(t, `(?m)^ordering .*rights corrected$`, p.prepares(0))
	require.Contains(t, p.prepares(0), "nothing was done")

	out, code := p.pangaea("database", "prepare", "--name", p.name, "--out", p.file, "--admin", p.running["ordering"])
	require.Equal(t, 2, code, out)
	require.Contains(t, out, "that of one")

	lost := p.file
	p.file = filepath.Join(t.TempDir(), "other.yaml")
	require.Contains(t, p.prepares(2), "--rotate")
	require.NoFileExists(t, p.file)
	p.file = lost
	out = p.prepares(0, "--rotate")
	require.Len(t, regexp.MustCompile(`(?m)new passwords$`).FindAllString(out, -1), len(p.running), out)
	fresh, err := os.ReadFile(p.file)
	require.NoError(t, err)
	for _, former := range p.running {
		require.NotContains(t, string(fresh), former)
	}
	shop := open(t, "PANGAEA_DATABASE_URL=", "PANGAEA_CONFIG="+p.file)
	shop.isSound()
}

// In the cloud the administrator is no superuser, and a file may have other settings.
func TestWhoPreparesNeedNotBeASuperuser(t *testing.T) {
	t.Parallel()
	for _, kind := range databasetest.Servers(t) {
		if kind != database.Postgres {
			continue
		}
		p := unprepared(t, kind)
		admin := databasetest.Connect(t, kind, p.admin)
		_, err := admin.Exec("CREATE ROLE " + p.name + "_boss LOGIN CREATEROLE CREATEDB PASSWORD 'a boss'")
		require.NoError(t, err)
		boss, err := url.Parse(p.admin)
		require.NoError(t, err)
		boss.User = url.UserPassword(p.name+"_boss", "a boss")
		require.NoError(t, os.WriteFile(p.file, []byte("# written by hand\nlog:\n  level: warn # enough\n"), 0o644))

		require.Regexp(t, `(?m)created$`, p.prepares(0, "--admin", boss.String()))
		require.Contains(t, p.prepares(0, "--admin", boss.String()), "nothing was done")
		p.env = append(p.env, "PANGAEA_CONFIG="+p.file, "PANGAEA_DATABASE_URL=", "PANGAEA_DATA_DIR="+t.TempDir())
		out, code := p.pangaea("migrate")
		require.Zero(t, code, out)
		require.Contains(t, p.prepares(0, "--admin", boss.String()), "nothing was done")
		p.prepares(0, "--rotate", "--admin", boss.String())
		text, err := os.ReadFile(p.file)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "# written by hand\nlog:\n  level: warn # enough\n"), "%s", text)
		out, code = p.pangaea("migrate")
		require.Zero(t, code, out)
	}
}

// What cannot be prepared is said in a line, and nothing has changed.
func TestPreparingRefuses(t *testing.T) {
	t.Parallel()
	shop := &shop{t: t, env: os.Environ()}
	folder := t.TempDir()
	other := filepath.Join(folder, "list.txt")
	require.NoError(t, os.WriteFile(other, []byte("- a list"), 0o600))
	cases := map[string][]string{
		"who may create roles": {},
		"--out which file":     {"--admin", "postgres://h/"},
		"no folder":            {"--admin", "postgres://h/", "--out", filepath.Join(folder, "nowhere", "x")},
		"is no file":           {"--admin", "postgres://h/", "--out", folder},
		"no file of settings":  {"--admin", "postgres://h/", "--out", other},
		"on SQLite every":      {"--admin", "sqlite:x", "--out", "x"},
		"cannot be read":       {"--admin", "postgres://u:geheim%zz@h/", "--out", "x"},
		"cannot sign in":       {"--admin", "postgres://u:geheim@127.0.0.1:1/?sslmode=disable", "--out", "x"},
		"cannot sign in at":    {"--admin", "mysql://u:geheim@127.0.0.1:1/", "--out", "x"},
		"unknown flag":         {"--nonsense"},
		"unknown command":      {"nonsense"},
	}
	for _, kind := range databasetest.Servers(t) {
		admin := databasetest.PostgresURL()
		if kind == database.MySQL {
			admin = databasetest.MySQLURL()
		}
		cases["a small letter"] = []string{"--admin", admin, "--out", "x", "--name", "Pan gaea; DROP"}
		cases["letters or less"] = []string{"--admin", admin, "--out", "x", "--name", strings.Repeat("x", 60)}
	}
	for said, args := range cases {
		out, code := shop.pangaea(append([]string{"database", "prepare"}, args...)...)
		require.Equal(t, 2, code, "%s: %s", args, out)
		require.Contains(t, out, said)
		require.Equal(t, 1, strings.Count(out, "\n"), "more than a line: %s", out)
		require.NotContains(t, out, "geheim")
	}
	require.NoFileExists(t, "x")
}

// On SQLite nobody but the shop's own user can read any of the modules' files.
func TestEveryModuleHasAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	shop := open(t, "PANGAEA_DATABASE_URL=")
	shop.staff().sells("MUG", 799, 10)
	paths, err := filepath.Glob(filepath.Join(shop.dir, "*.db*"))
	require.NoError(t, err)
	databases := map[string]bool{}
	for _, path := range paths {
		requireMode(t, path)
		name, _, _ := strings.Cut(filepath.Base(path), ".")
		databases[name] = true
	}
	shop.stop()
	out, code := shop.pangaea("migrate")
	require.Zero(t, code, out)
	var modules []string
	for line := range strings.Lines(out) {
		modules = append(modules, strings.Fields(line)[0])
	}
	require.ElementsMatch(t, modules, slices.Collect(maps.Keys(databases)))
}

func requireMode(t testing.TB, path string) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), path)
}
