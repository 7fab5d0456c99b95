package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus/nats/server"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/gateway"
	"github.com/pangaea-shop/pangaea/platform/loopback"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// A split is a shop that runs as a topology says.
type split struct {
	t    *testing.T
	file string
	at   map[string]string // where each process is
	stop map[string]func()
}

// openSplit runs every process of a topology, in which $NAME is a free address and $DIR a folder.
func openSplit(t *testing.T, text string, names ...string) *split {
	t.Helper()
	s := &split{t: t, at: map[string]string{}, stop: map[string]func(){}}
	for _, name := range append(names, "GRPC") {
		var err error
		s.at[name], err = loopback.Address()
		require.NoError(t, err)
		text = strings.ReplaceAll(text, "$"+name, s.at[name])
	}
	s.file = s.written(strings.ReplaceAll(text, "$DIR", t.TempDir()))
	for _, name := range names {
		s.stop[name] = s.begin(name)
		t.Cleanup(s.stop[name])
	}
	return s
}

func (s *split) begin(name string) (stop func()) {
	s.t.Helper()
	settings := config.Of(map[string]string{
		"PANGAEA_TOPOLOGY": s.file, "PANGAEA_PROCESS": name,
		"PANGAEA_LOG_LEVEL": "error", "PANGAEA_DRAIN": "1ms", "PANGAEA_STAFF_PASSWORD": "correct horse battery",
	})
	place, err := topology.Locate(settings)
	require.NoError(s.t, err)
	process := fx.Options(app.Base, fx.Provide(contracts.Routes, contracts.OpenAPI), gateway.Module, gateway.Keys)
	if len(place.Process.Modules) > 0 {
		modules, err := shop.At(place)
		require.NoError(s.t, err)
		process = fx.Options(service.Base, modules)
	}
	running := fx.New(process, fx.Replace(settings, place))
	require.NoError(s.t, running.Start(s.t.Context()))
	stopped := false
	return func() {
		if !stopped {
			stopped = true
			require.NoError(s.t, running.Stop(context.Background()))
		}
	}
}

// written is a file with a topology.
func (s *split) written(text string) string { return topologyFile(s.t, text) }

func topologyFile(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "topology.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// instead is the file with other words in it.
func (s *split) instead(pairs ...string) string {
	text, err := os.ReadFile(s.file)
	require.NoError(s.t, err)
	changed := strings.NewReplacer(pairs...).Replace(string(text))
	require.NotEqual(s.t, string(text), changed)
	return s.written(changed)
}

// differs requires that what runs differs from a file in these ways alone.
func (s *split) differs(file string, lines ...string) {
	s.t.Helper()
	out, wrong, code := run(s.t, s.t.TempDir(), "topology", "check", "--topology", file, "--timeout", "8s")
	require.NotContains(s.t, out+wrong, "geheim")
	_, list, _ := strings.Cut(out, "\n\n")
	for name, address := range s.at {
		for i := range lines {
			lines[i] = strings.ReplaceAll(lines[i], "$"+name, address)
		}
	}
	require.Equal(s.t, strings.Join(lines, "\n")+"\n", list)
	require.Equal(s.t, "what runs is not what "+file+" says", wrong)
	require.Equal(s.t, 1, code)
}

func TestWhatRunsIsComparedWithTheTopology(t *testing.T) {
	messages, err := server.Start("127.0.0.1:0", t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, messages.Stop()) })
	s := openSplit(t, `
bus: `+messages.URL()+`
processes:
  gateway: {http: $gateway}
  sales: {modules: [ordering, payments], http: $sales, data: $DIR/sales}
  rest: {modules: [identity, catalog, inventory, shipping, notifications], http: $rest, grpc: $GRPC, data: $DIR/rest}
`, "rest", "sales", "gateway")

	require.Eventually(t, func() bool {
		_, _, code := run(t, t.TempDir(), "topology", "check", "--topology", s.file)
		return code == 0
	}, 20*time.Second, 50*time.Millisecond, "the gateway has found the others")
	out, _, _ := run(t, t.TempDir(), "topology", "check", "--topology", s.file)
	require.Contains(t, out, "The shop runs as "+s.file+" says.\n")
	require.Regexp(t, `sales +1 +`+s.at["sales"]+` +ordering, payments +\S+ +ready`, out)

	const old = ": it was started with another topology, of other processes or addresses: restart it"
	s.differs(s.instead("[ordering, payments]", "[ordering]", "[identity,", "[payments, identity,"),
		"gateway at $gateway"+old,
		"rest at $rest: it hosts catalog, identity, inventory, notifications, shipping, and the file says catalog, identity, inventory, notifications, payments, shipping: restart it, with the program that is for it",
		"sales at $sales: it hosts ordering, payments, and the file says ordering: restart it, with the program that is for it")
	s.differs(s.instead("sales: {", "shop: {"),
		"gateway at $gateway"+old,
		"rest at $rest"+old,
		"shop at $sales: it is sales, which hosts ordering, payments and which the file does not know: stop it, or add it to the file")
	s.differs(s.instead(s.at["sales"], s.at["rest"], s.at["rest"], s.at["sales"]),
		"gateway at $gateway"+old,
		"rest at $sales: it is sales: an address is wrong in the file, or in that process's settings",
		"sales at $rest: it is rest: an address is wrong in the file, or in that process's settings")

	stranger := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})) // content with everything
	t.Cleanup(stranger.Close)
	deaf, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, deaf.Close()) })
	s.at["stranger"], s.at["deaf"] = stranger.Listener.Addr().String(), deaf.Addr().String()
	s.differs(s.instead(s.at["sales"], s.at["deaf"], s.at["rest"], s.at["stranger"]),
		"gateway at $gateway"+old,
		"rest at $stranger: not reachable: what answers there is no process of the shop: its /metrics has no pangaea_process_info",
		"sales at $deaf: not reachable: no answer within 8s")

	s.stop["sales"]()
	s.stop["rest"]()
	require.Eventually(t, func() bool {
		response, err := http.Get("http://" + s.at["gateway"] + "/readyz")
		return err == nil && response.Body.Close() == nil && response.StatusCode != http.StatusOK
	}, 20*time.Second, 50*time.Millisecond)
	s.differs(s.file,
		"gateway at $gateway: it is not ready for real work: modules: no instance of any module is there",
		"rest at $rest: not reachable: connection refused",
		"sales at $sales: not reachable: connection refused")

	var report topologyReport
	out, _, code := run(t, t.TempDir(), "topology", "check", "--topology", s.file, "-o", "json")
	require.Equal(t, 1, code)
	require.NoError(t, json.Unmarshal([]byte(out), &report), out)
	require.Len(t, report.Differences, 3)
	require.Equal(t, "gateway", report.Instances[0].Is.Process)
	require.Empty(t, report.Problems)
}

// Whoever listens to a module and is not in the file is found by the broker.
func TestTheBrokerKnowsProcessesThatTheFileDoesNot(t *testing.T) {
	manifest, err := contracts.Subscriptions()
	require.NoError(t, err)
	options, name := rabbitmq.Options{Sources: manifest.Sources}, "pangaea_t_"+strings.ToLower(rand.Text()[:8])
	d := rabbitmq.Definitions{VirtualHosts: []rabbitmq.VirtualHost{{Name: name}}}
	d.Define(name, rabbitmq.NewUser(name, "geheim"), options, manifest.Modules()...)
	if !rabbitmqtest.Import(t, d) {
		return
	}
	address := rabbitmqtest.As(t, rabbitmqtest.URL(), name, name, "geheim")
	s := openSplit(t, `
bus: `+address+`
processes:
  shop: {modules: [identity, catalog, inventory, ordering, payments, shipping, notifications], http: $shop, edge: true, data: $DIR}
`, "shop")
	out, wrong, code := run(t, t.TempDir(), "topology", "check", "--topology", s.file)
	require.Zero(t, code, out+wrong)

	another, err := rabbitmq.New(address, options)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, another.Close()) })
	_, err = another.Subscribe(t.Context(), "payments")
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		standing, err := lookAt(address, "payments", options)
		return err == nil && standing.Listeners == 2
	}, 20*time.Second, 20*time.Millisecond)
	s.differs(s.file, "payments: 2 processes listen to its queue, and the file has 1: stop the one that is not in it")

	s.differs(s.instead(address, "amqp://shop:geheim@127.0.0.1:1/shop"), "catalog: the broker cannot be asked who listens: ask for exchange catalog.events: RabbitMQ cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused")
}

func TestATopologyIsComparedWithTheShop(t *testing.T) {
	one := func(name, modules, rest string, port int) string {
		return "\n  " + name + ": {modules: [" + modules + "], http: \"127.0.0.1:" + strconv.Itoa(port) + "\"" + rest + "}"
	}
	const some, edge = "catalog, inventory, ordering, payments, shipping, notifications", "\nprocesses:\n  gateway: {http: '127.0.0.1:1'}"
	const broker = "bus: amqp://shop:geheim@127.0.0.1/shop"
	for name, c := range map[string]struct {
		file     string
		problems []string
	}{
		"nobody hosts a module": {
			broker + edge + one("shop", some, ", data: a", 2) + one("more", "billing", ", data: b", 3),
			[]string{"more hosts billing, and there is no such module: there are identity, catalog, inventory, ordering, payments, shipping, notifications", "no process hosts identity"},
		},
		"nobody can be asked": {
			broker + edge + one("shop", some, ", data: a", 2) + one("accounts", "identity", ", data: b", 3),
			[]string{"catalog asks identity, and the process accounts has no grpc address"},
		},
		"no bus": {
			edge + one("shop", some, ", data: a", 2) + one("accounts", "identity", ", grpc: '127.0.0.1:4', data: b", 3),
			[]string{"identity has no bus, and events go between it and notifications, which is in another process: give the file a bus, or set PANGAEA_BUS_URL"},
		},
		"two buses": {
			broker + edge + one("shop", some, ", data: a, bus: 'nats://shop:geheim@127.0.0.1'", 2) + one("accounts", "identity", ", grpc: '127.0.0.1:4', data: b", 3),
			[]string{"the events of identity go over amqp, and those of catalog over nats: they do not reach each other"},
		},
		"one folder": {
			broker + edge + one("shop", some, "", 2) + one("accounts", "identity", ", grpc: '127.0.0.1:4'", 3),
			[]string{"accounts and shop have their databases in the same folder $DATA, which belongs to one process: give each one data or a database"},
		},
		"replicas": {
			broker + edge + "\n  shop: {modules: [identity, " + some + "], http: ['h:1', 'h:2']}",
			[]string{"shop has 2 replicas, and its databases are files in $DATA, which belong to one process: give it a database"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			data, file := t.TempDir(), topologyFile(t, c.file)
			out, wrong, code := run(t, data, "topology", "check", "--offline", "--topology", file)
			require.Equal(t, 1, code)
			require.Equal(t, "the shop cannot run as "+file+" says: mend the file or the settings", wrong)
			for _, problem := range c.problems {
				require.Contains(t, strings.Split(out, "\n"), strings.ReplaceAll(problem, "$DATA", data))
			}
			require.NotContains(t, out+wrong, "geheim")
		})
	}
	file := topologyFile(t, broker+edge+one("shop", "identity, "+some, ", database: 'postgres://shop:geheim@127.0.0.1/shop', replicas: 1", 2))
	out, wrong, code := run(t, t.TempDir(), "topology", "check", "--offline", "--topology", file)
	require.Zero(t, code, wrong)
	require.Equal(t, "The shop can run as "+file+" says.\n", out)
}
