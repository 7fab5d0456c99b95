package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/settings"
)

func TestAProcessIsGivenItsOwnSettingsAlone(t *testing.T) {
	dir := t.TempDir()
	topology, all, handed := filepath.Join(dir, "topology.yaml"), filepath.Join(dir, "all.yaml"), filepath.Join(dir, "handed")
	require.NoError(t, os.WriteFile(topology, []byte(`processes:
  gateway: {http: "gateway:8080"}
  sales: {modules: [ordering, payments], http: "sales:8080"}
  shipping: {modules: [shipping], http: "shipping:8080"}`), 0o600))
	require.NoError(t, os.WriteFile(all, []byte(`ordering_database_url: a
payments_bus_url: b
payments_provider_database_url: c
shipping_carrier_migrate_url: d
checkout: {deadline: 5s}
`), 0o600))
	hand := []string{"topology", "settings", "--topology", topology, "--from", all, "--to", handed}
	given := func(process string) map[string]string {
		path := filepath.Join(handed, process, "settings.yaml")
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode(), "these are passwords")
		file, err := settings.Open(path)
		require.NoError(t, err)
		values := map[string]string{}
		for _, name := range file.Names() {
			values[name] = file.Value(name)
		}
		return values
	}

	out, wrong, code := run(t, dir, hand...)
	require.Zero(t, code, wrong)
	require.Equal(t, "3 processes have settings of their own in "+handed+": gateway, sales, shipping\n", out)
	key := given("gateway")["edge_key"]
	require.Len(t, key, 26)
	require.Equal(t, map[string]string{"checkout_deadline": "5s", "edge_key": key}, given("gateway"))
	require.Equal(t, map[string]string{"checkout_deadline": "5s", "edge_key": key, "ordering_database_url": "a", "payments_bus_url": "b", "payments_provider_database_url": "c"}, given("sales"))
	require.Equal(t, map[string]string{"checkout_deadline": "5s", "edge_key": key, "shipping_carrier_migrate_url": "d"}, given("shipping"))

	require.NoError(t, os.WriteFile(all, []byte("ordering_database_url: e\n"), 0o600))
	_, wrong, code = run(t, dir, hand...)
	require.Zero(t, code, wrong)
	require.Equal(t, map[string]string{"edge_key": key, "ordering_database_url": "e"}, given("sales"), "what is gone is gone, and the key is the same")

	for says, args := range map[string][]string{
		"say with --from which file has the settings of all":  {"topology", "settings"},
		filepath.Join(dir, "none") + ": no such file":         {"topology", "settings", "--topology", topology, "--from", filepath.Join(dir, "none"), "--to", handed},
		"no process hosts identity":                           {"topology", "compose", "--topology", topology},
		"open " + filepath.Join(dir, "no") + ": no such file": {"topology", "compose", "--topology", filepath.Join(dir, "no")},
	} {
		_, wrong, code = run(t, dir, args...)
		require.Contains(t, wrong, says)
		require.Equal(t, notBegun, code)
	}
}
