package topology_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

const split = `
bus: amqp://${BROKER:-127.0.0.1}/shop
settings: {log_level: warn}
processes:
  gateway: {http: 127.0.0.1:8080}
  catalog: {modules: [catalog], http: 127.0.0.1:8102, grpc: 127.0.0.1:9102, data: ./data/catalog}
  ordering:
    modules: [ordering, payments]
    replicas: 2
    http: [127.0.0.1:8104, 127.0.0.1:8114]
    database: postgres://${USER_OF_ORDERING}@127.0.0.1/shop
    settings: {checkout_deadline: 10s}
`

// written puts a topology into a file and tells this process about it.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "topology.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func read(t *testing.T, text string) *topology.Topology {
	t.Helper()
	t.Setenv("USER_OF_ORDERING", "ada")
	read, err := topology.Read(written(t, text))
	require.NoError(t, err)
	return read
}

func TestWhatFollowsFromATopology(t *testing.T) {
	shop := read(t, split)

	require.Equal(t, map[string]string{
		"PANGAEA_HTTP_ADDR": "127.0.0.1:8114", "PANGAEA_BUS_URL": "amqp://127.0.0.1/shop", "PANGAEA_LOG_LEVEL": "warn",
		"PANGAEA_CHECKOUT_DEADLINE": "10s", "PANGAEA_DRAIN": "1s",
	}, shop.For(shop.Process("ordering"), 2))
	require.Equal(t, map[string]string{"PANGAEA_HTTP_ADDR": "127.0.0.1:8080", "PANGAEA_LOG_LEVEL": "warn"}, shop.For(shop.Process("gateway"), 1))
	require.Equal(t, "127.0.0.1:9102", shop.For(shop.Process("catalog"), 1)["PANGAEA_GRPC_ADDR"])

	require.Equal(t, "postgres://ada@127.0.0.1/shop", shop.Host("payments").Database)
	require.Equal(t, "ordering", shop.Host("payments-provider").Name, "a companion goes with its module")
	require.Nil(t, shop.Host("shipping"))
	require.True(t, shop.Process("gateway").Edge)

	found, err := shop.Directory().Lookup(t.Context(), "payments", discovery.HTTP)
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1:8104", "127.0.0.1:8114"}, found)
	_, err = shop.Directory().Lookup(t.Context(), "payments", discovery.GRPC)
	require.Error(t, err)
}

// In a container all replicas have the same port, and a name that others know them by.
func TestReplicasBehindAName(t *testing.T) {
	shop := read(t, "bus: nats://x\nprocesses: {all: {modules: [a], replicas: 3, http: \"all:8080\", edge: true}}")
	require.Equal(t, ":8080", shop.For(shop.Process("all"), 3)["PANGAEA_HTTP_ADDR"])
}

func TestWhatIsWrongWithATopologyIsSaid(t *testing.T) {
	for text, says := range map[string]string{
		"":                                           "it names no process: processes is missing",
		"processes: {a: {modul: [x]}}":               "line 1: field modul is not known",
		"processes: [1]":                             "line 1: cannot unmarshal seq",
		"processes: {A: {http: ':1'}}":               `a process cannot be called "A"`,
		"processes: {a: {}}":                         "a: http is missing",
		"processes: {a: {http: '${NO_SUCH}'}}":       "a.http: the environment variable NO_SUCH is not set",
		"processes: {a: {http: 'nonsense'}}":         `a: http is "nonsense": an address is host:port`,
		"processes: {a: {http: 'h:70000'}}":          `a: http is "h:70000": an address is host:port`,
		"processes: {a: {http: 'h:1', data: x}}":     "a: it has no modules, and so no data",
		"processes: {a: {http: ':1', modules: [m]}}": "others must know the host",
		"bus: x\nprocesses: {a: {http: 'h:1', modules: [m]}, b: {http: 'h:1', modules: [n]}}":                   "b: http is h:1, as is that of a",
		"bus: x\nprocesses: {a: {http: 'h:1', modules: [m]}, b: {http: 'h:2', modules: [m]}}":                   "m is hosted by a and by b",
		"processes: {a: {http: 'h:1', modules: [m], data: x, database: 'postgres://h/d'}}":                      "a: it has data and database",
		"processes: {a: {http: 'h:1', modules: [m], data: x, replicas: 2}}":                                     "a: embedded databases belong to one process, and it has 2 replicas",
		"processes: {a: {http: '127.0.0.1:1', modules: [m], replicas: 2}}":                                      "2 replicas cannot all listen at 127.0.0.1:1",
		"processes: {a: {http: ['h:1', 'h:2'], modules: [m], replicas: 3}}":                                     "3 replicas have 2 addresses in http",
		"bus: x\nprocesses: {a: {http: 'h:1', modules: [m], data: d}, b: {http: 'h:2', modules: [n], data: d}}": "a and b have the same data folder d",
	} {
		path := written(t, text)
		_, err := topology.Read(path)
		require.ErrorContains(t, err, says, text)
		require.ErrorContains(t, err, path)
	}
	_, err := topology.Read(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestATopologyThatDoesNotSuitTheShop(t *testing.T) {
	shop := topology.Shop{Modules: []string{"catalog", "ordering", "shipping"}, Questions: map[string][]string{"ordering": {"catalog"}}}
	for text, says := range map[string]string{
		split: "ordering hosts payments, and there is no such module: there are catalog, ordering, shipping\nno process hosts shipping",
		"bus: x\nprocesses: {a: {http: 'h:1', modules: [catalog]}, b: {http: 'h:2', modules: [ordering, shipping], edge: true}}": "ordering asks catalog, and the process a has no grpc address",
		"bus: x\nprocesses: {a: {http: 'h:1', modules: [catalog, ordering]}, b: {http: 'h:2', modules: [shipping]}}":             "no process is the edge: one without modules, or one with edge: true",
	} {
		require.EqualError(t, read(t, text).Suits(shop), says)
	}
	require.NoError(t, read(t, "processes: {all: {http: 'h:1', modules: [catalog, ordering, shipping]}}").Suits(shop))
}

func TestAProcessFindsItsPlace(t *testing.T) {
	t.Setenv("USER_OF_ORDERING", "ada")
	path := written(t, split)
	place := func(values map[string]string) (topology.Place, error) { return topology.Locate(config.Of(values)) }

	here, err := place(map[string]string{"PANGAEA_TOPOLOGY": path, "PANGAEA_PROCESS": "ordering", "PANGAEA_REPLICA": "2"})
	require.NoError(t, err)
	require.Equal(t, "ordering", here.Process.Name)
	require.False(t, here.Edge())

	here, err = place(map[string]string{"PANGAEA_TOPOLOGY": path})
	require.NoError(t, err)
	require.Nil(t, here.Process, "an operator looks at all")

	here, err = place(nil)
	require.NoError(t, err)
	require.True(t, here.Whole() && here.Edge())

	for says, values := range map[string]map[string]string{
		`PANGAEA_PROCESS is "billing": the processes in ` + path + ` are catalog, gateway, ordering`: {"PANGAEA_TOPOLOGY": path, "PANGAEA_PROCESS": "billing"},
		`PANGAEA_REPLICA is 3: ordering has 2 in ` + path:                                            {"PANGAEA_TOPOLOGY": path, "PANGAEA_PROCESS": "ordering", "PANGAEA_REPLICA": "3"},
		`PANGAEA_PROCESS is "ordering" and PANGAEA_TOPOLOGY is empty`:                                {"PANGAEA_PROCESS": "ordering"},
		"PANGAEA_TOPOLOGY: open " + path + ".gone":                                                   {"PANGAEA_TOPOLOGY": path + ".gone"},
	} {
		_, err := place(values)
		require.ErrorContains(t, err, says)
	}
}

func TestTopologiesThatAgreeOnWhoIsWhereHaveOneFingerprint(t *testing.T) {
	of := func(text string) string { return read(t, text).Fingerprint() }
	const one = "processes: {a: {modules: [x, y], http: 'h:1', edge: true, data: d}}"
	for _, same := range []string{
		"bus: nats://ada:secret@h\nsettings: {log_level: warn}\n" + one,
		"processes: {a: {modules: [y, x], http: ['h:1'], edge: true, database: 'postgres://ada:secret@h/d'}}",
	} {
		require.Equal(t, of(one), of(same))
	}
	for _, other := range []string{
		"processes: {b: {modules: [x, y], http: 'h:1', edge: true}}",
		"processes: {a: {modules: [x], http: 'h:1', edge: true}}",
		"processes: {a: {modules: [x, y], http: 'h:2', edge: true}}",
		"processes: {a: {modules: [x, y], http: 'h:1', grpc: 'h:3', edge: true}}",
		"processes: {a: {modules: [x, y], http: 'h:1'}}",
		"processes: {a: {modules: [x, y], http: 'h:1', edge: true, replicas: 2}}",
	} {
		require.NotEqual(t, of(one), of(other), other)
	}
}

func TestWhereAListenerIsReached(t *testing.T) {
	for listens, reached := range map[string]string{
		":80": "localhost:80", "0.0.0.0:80": "localhost:80", "[::]:80": "localhost:80", "127.0.0.1:80": "127.0.0.1:80", "shop:80": "shop:80",
	} {
		require.Equal(t, reached, topology.Reachable(listens))
	}
}
