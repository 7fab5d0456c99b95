package census_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/census"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

func read(t *testing.T, text string) *topology.Topology {
	t.Helper()
	path := filepath.Join(t.TempDir(), "topology.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	read, err := topology.Read(path)
	require.NoError(t, err)
	return read
}

func TestReplicasAndVersionsAreCompared(t *testing.T) {
	shop := read(t, "processes: {a: {modules: [x], http: ['h:1', 'h:2'], edge: true}, b: {modules: [y], http: 'names:1', replicas: 3}}")
	is := func(process, module string, replica int, version string) *census.Info {
		return &census.Info{Process: process, Replica: replica, Modules: []string{module}, Version: version, Fingerprint: shop.Fingerprint()}
	}
	require.Empty(t, census.Differences(shop, []census.Instance{
		{Process: "a", Replica: 1, Address: "h:1", Is: is("a", "x", 1, "v1")},
		{Process: "a", Replica: 2, Address: "h:2", Is: is("a", "x", 2, "v1")},
		{Process: "b", Address: "1:1", Is: is("b", "y", 1, "v1")},
		{Process: "b", Address: "2:1", Is: is("b", "y", 1, "v1")},
		{Process: "b", Address: "3:1", Is: is("b", "y", 1, "v1")},
	}))
	require.Equal(t, []string{
		"a at h:2: it is replica 1: PANGAEA_REPLICA says which",
		"b: 2 found at names:1, and the file says 3 replicas",
		"b at 2:1: it is not ready for real work: y database: locked",
		`the programs are of different versions: "v1" (a); "v2" (a, b)`,
	}, census.Differences(shop, []census.Instance{
		{Process: "a", Replica: 1, Address: "h:1", Is: is("a", "x", 1, "v1")},
		{Process: "a", Replica: 2, Address: "h:2", Is: is("a", "x", 1, "v2")},
		{Process: "b", Address: "1:1", Is: is("b", "y", 1, "v2")},
		{Process: "b", Address: "2:1", Is: is("b", "y", 1, "v2"), Missing: "y database: locked"},
	}))
}

// A name that stands for all replicas is whoever it is resolved to.
func TestANameThatNobodyHas(t *testing.T) {
	shop := read(t, "processes: {a: {modules: [x], http: 'nobody.invalid:1', replicas: 2, edge: true}}")
	found := census.Take(t.Context(), shop, 5*time.Second)
	differences := census.Differences(shop, found)
	require.Len(t, differences, 1)
	require.Contains(t, differences[0], "a at nobody.invalid:1: not reachable: ") // why, depends on who answers for names here
}
