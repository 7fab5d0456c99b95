package compose_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/compose"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

const (
	root = "../../../../"
	file = "deploy/topologies/compose.yaml"
)

// A composition is the compose file as its reader sees it.
type composition struct {
	Services map[string]service
	Volumes  map[string]any
	Configs  map[string]struct{ File string }
}

type service struct {
	Profiles    []string
	Image       string
	Build       struct{ Context, Target string }
	User        string
	Environment map[string]string
	Command     []string
	Configs     []struct{ Source, Target string }
	Volumes     []string
	Ports       []string
	Deploy      struct{ Replicas int }
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	HealthCheck struct{ Test []string }               `yaml:"healthcheck"`
	Grace       string                                `yaml:"stop_grace_period"`
	ReadOnly    bool                                  `yaml:"read_only"`
	Drop        []string                              `yaml:"cap_drop"`
}

func committed(t *testing.T) (c composition) {
	t.Helper()
	text, err := os.ReadFile(root + "docker-compose.yml")
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &c))
	return c
}

func meant(t *testing.T) *topology.Topology {
	t.Helper()
	meant, err := topology.Read(root + file)
	require.NoError(t, err)
	return meant
}

// running are the services that run for as long as the shop does.
func (s service) running() bool { return s.Image != "pangaea/pangaea" && s.Build.Target != "" }

func TestTheComposeFileIsTheOneThatFollowsFromTheTopology(t *testing.T) {
	want, err := compose.Write(meant(t), file)
	require.NoError(t, err)
	got, err := os.ReadFile(root + "docker-compose.yml")
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "make generate")
}

func TestEveryProcessIsAService(t *testing.T) {
	services := committed(t).Services
	names := map[string]bool{}
	for _, p := range meant(t).Processes() {
		names[p.Name] = true
		s, ok := services[p.Name]
		require.True(t, ok, p.Name)
		require.Equal(t, []string{"split"}, s.Profiles, p.Name)
		require.Equal(t, shop.Program(p), s.Build.Target, p.Name)
		require.Equal(t, p.Name, s.Environment["PANGAEA_PROCESS"])
		require.Equal(t, p.Replicas, max(s.Deploy.Replicas, 1), p.Name)
		require.Equal(t, []string{p.Name + "-settings:/settings:ro"}, s.Volumes, "its own settings and no others")
		require.Contains(t, services["prepare"].Volumes, p.Name+"-settings:/handed/"+p.Name)
		require.Equal(t, "service_completed_successfully", s.DependsOn["prepare"].Condition, p.Name)
		require.Equal(t, p.Edge, len(s.Ports) > 0, "clients reach the edge, and nothing else")
		if p.Edge {
			require.True(t, strings.HasSuffix(p.At(1), s.Ports[0][strings.LastIndex(s.Ports[0], ":"):]), s.Ports)
		}
	}
	for name, s := range services {
		require.Equal(t, names[name], s.Environment["PANGAEA_PROCESS"] != "", name)
	}
}

func TestAProcessHasTheTimeToStop(t *testing.T) {
	for name, s := range committed(t).Services {
		if s.running() {
			require.Equal(t, map[bool]string{true: "17s", false: "18s"}[len(s.Ports) > 0], s.Grace, name)
		}
	}
	require.EqualValues(t, 15, app.StopTimeout.Seconds())
	require.Equal(t, "1s", meant(t).For(meant(t).Process("ordering"), 1)["PANGAEA_DRAIN"])
}

// What the operator's commands read from the environment without its being a setting of the shop.
var commands = []string{"PANGAEA_CONFIG", "PANGAEA_ADMIN_URL", "PANGAEA_BUS_ADMIN_URL"}

func TestEveryVariableIsASetting(t *testing.T) {
	wired, discard, err := shop.Wire()
	require.NoError(t, err)
	defer discard()
	_, err = config.Section[topology.Settings](wired.Config)
	require.NoError(t, err)
	known := commands
	for _, s := range wired.Config.Settings() {
		known = append(known, s.Name)
	}
	seen := 0
	for name, s := range committed(t).Services {
		for variable := range s.Environment {
			if strings.HasPrefix(s.Image, "pangaea/") {
				seen++
				require.Contains(t, known, variable, name)
			}
		}
	}
	require.Greater(t, seen, 20)
}

func TestWhatAServiceRefersToIsThere(t *testing.T) {
	c := committed(t)
	for name, s := range c.Services {
		for other, awaited := range s.DependsOn {
			for _, profile := range s.Profiles {
				require.Contains(t, c.Services[other].Profiles, profile, "%s waits for %s", name, other)
			}
			if awaited.Condition == "service_healthy" {
				require.NotEmpty(t, c.Services[other].HealthCheck.Test, "%s waits until %s is healthy", name, other)
			}
		}
		for _, volume := range s.Volumes {
			named, _, _ := strings.Cut(volume, ":")
			require.Contains(t, c.Volumes, named, name)
		}
		for _, mounted := range s.Configs {
			require.Contains(t, c.Configs, mounted.Source, name)
		}
		if topology := s.Environment["PANGAEA_TOPOLOGY"]; topology != "" {
			require.Equal(t, topology, s.Configs[0].Target, name)
		}
	}
	require.FileExists(t, filepath.Join(root, c.Configs["topology"].File))
}

// What make split looks for on this machine.
func TestServersAreReachedFromThisMachineAlone(t *testing.T) {
	c := committed(t)
	require.Equal(t, []string{"127.0.0.1:5432:5432"}, c.Services["postgres-here"].Ports)
	require.Equal(t, []string{"127.0.0.1:5672:5672", "127.0.0.1:15672:15672"}, c.Services["rabbitmq-here"].Ports)
	for name, s := range c.Services {
		if !slices.Contains(s.Profiles, "servers") && s.Build.Target == "" {
			require.Empty(t, s.Ports, name)
		}
	}
}

func TestTheShopIsConfined(t *testing.T) {
	for name, s := range committed(t).Services {
		if s.Build.Target == "" {
			continue
		}
		require.True(t, s.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, s.Drop, name)
		require.Equal(t, name == "prepare", s.User != "", "%s runs as the image says", name)
	}
}

func TestATopologyThatIsNotForContainersIsRefused(t *testing.T) {
	_, err := compose.Write(read(t, root+"deploy/topologies/split.yaml"), "x")
	require.ErrorContains(t, err, "ordering: its address is 127.0.0.1:8104: in containers its host is the service's name, ordering")

	_, err = compose.Write(written(t, "processes: {gateway: {http: 'gateway:80'}}"), "x")
	require.ErrorContains(t, err, "no process hosts ordering")

	all := "modules: [identity, catalog, inventory, ordering, payments, shipping, notifications], http: 'all:80'"
	_, err = compose.Write(written(t, "processes: {all: {"+all+", data: d}}"), "x")
	require.ErrorContains(t, err, "all: it has data, database or bus")

	rest := "modules: [identity, catalog, inventory, ordering, payments, shipping, notifications], http: "
	_, err = compose.Write(written(t, "processes: {gateway: {http: 'gateway:80'}, postgres: {"+rest+"'postgres:80'}}"), "x")
	require.ErrorContains(t, err, `"postgres" already defined`)

	_, err = compose.Write(written(t, "processes: {gateway: {http: 'gateway:80'}, front: {http: 'front:80'}, all: {"+rest+"'all:80'}}"), "x")
	require.ErrorContains(t, err, "it has 2 edges")

	_, err = compose.Write(written(t, "processes: {gateway: {http: 'gateway:80', replicas: 2}, all: {"+rest+"'all:80'}}"), "x")
	require.ErrorContains(t, err, "it has 2 edges")
}

func TestAGroupIsTheMonolithsProgram(t *testing.T) {
	text, err := compose.Write(written(t, `processes:
  gateway: {http: "gateway:8000"}
  sales: {modules: [ordering, payments], http: "sales:8080", replicas: 3}
  rest: {modules: [identity, catalog, inventory, shipping, notifications], http: "rest:8080", grpc: "rest:9090"}`), "x")
	require.NoError(t, err)
	var c composition
	require.NoError(t, yaml.Unmarshal(text, &c))
	require.Equal(t, "monolith", c.Services["sales"].Build.Target)
	require.Equal(t, 3, c.Services["sales"].Deploy.Replicas)
	require.Equal(t, "${PANGAEA_PUBLISH:-127.0.0.1:8080}:8000", c.Services["gateway"].Ports[0])
	require.NotContains(t, c.Services, "ordering")
}

func read(t *testing.T, path string) *topology.Topology {
	t.Helper()
	read, err := topology.Read(path)
	require.NoError(t, err)
	return read
}

func written(t *testing.T, text string) *topology.Topology {
	t.Helper()
	path := filepath.Join(t.TempDir(), "topology.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return read(t, path)
}
