package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/layout"
	"github.com/pangaea-shop/pangaea/docs/contracts"
)

// Whatever is shown of testdata's topology, its password is in none of it.
func TestATopologyIsShownAndDrawn(t *testing.T) {
	for golden, args := range map[string][]string{
		"show.txt":  {"show"},
		"graph.txt": {"graph"},
		"graph.mmd": {"graph", "--format", "mermaid"},
	} {
		want, err := os.ReadFile(filepath.Join("testdata/topology", golden))
		require.NoError(t, err)
		t.Setenv("PANGAEA_TOPOLOGY", "testdata/topology/groups.yaml")
		out, wrong, code := run(t, t.TempDir(), append([]string{"topology"}, args...)...)
		require.Zero(t, code, wrong)
		require.Equal(t, string(want), out, golden)
		require.NotContains(t, out, "geheim")
	}

	out, wrong, code := run(t, t.TempDir(), "topology", "show", "-o", "json")
	require.Zero(t, code, wrong)
	require.NotContains(t, out, "geheim")
	var l layout.Layout
	require.NoError(t, json.Unmarshal([]byte(out), &l))
	require.Equal(t, []layout.Question{{Module: "catalog", GRPC: true}, {Module: "identity", GRPC: true}}, l.Host("ordering").Modules[0].Asks)
	require.Contains(t, l.Processes[0].Routes, layout.Route{Method: "POST", Path: "/api/v1/orders", Module: "ordering", Passed: "sales"})
}

// A process that the settings give databases and a bus has those.
func TestATopologyIsShownWithTheSettingsInForce(t *testing.T) {
	t.Setenv("PANGAEA_BUS_URL", "nats://shop:geheim@nats/?x=geheim")
	t.Setenv("PANGAEA_PAYMENTS_DATABASE_URL", "postgres://shop:geheim@elsewhere/money")
	out, wrong, code := run(t, t.TempDir(), "topology", "show", "--topology", "testdata/topology/groups.yaml")
	require.Zero(t, code, wrong)
	require.Regexp(t, `payments +sales +postgres://elsewhere:5432/money\S* +nats://nats/ +pangaea-payments\n`, out)
	require.NotContains(t, out, "geheim")
}

// Pictures are of one process to as many as there are modules, and two edges.
func TestEveryTopologyIsDrawnWithinItsPicture(t *testing.T) {
	modules := shop.Describe().Modules
	for processes := 1; processes <= len(modules)+2; processes++ {
		text := "bus: nats://broker\nprocesses:\n"
		hosts := min(processes, len(modules))
		for i := range hosts {
			own := modules[i : i+1]
			if i == hosts-1 {
				own = modules[i:]
			}
			text += fmt.Sprintf("  host%d: {modules: [%s], http: 'host%d:80', grpc: 'host%d:90', replicas: %d, database: 'mysql://db/shop', edge: %t}\n",
				i, strings.Join(own, ", "), i, i, i+1, i == 0)
		}
		for i := hosts; i < processes; i++ {
			text += fmt.Sprintf("  edge%d: {http: 'edge%d:80'}\n", i, i)
		}
		file, picture := topologyFile(t, text), filepath.Join(t.TempDir(), "picture.svg")
		out, wrong, code := run(t, t.TempDir(), "topology", "graph", "--topology", file, "--format", "svg", "--out", picture)
		require.Zero(t, code, wrong)
		require.Empty(t, out)
		words := inside(t, picture)
		for _, module := range modules {
			require.Contains(t, words, module)
		}
		for i := range hosts {
			require.Contains(t, strings.Join(words, "\n"), fmt.Sprintf("host%d", i))
		}
		manifest, err := contracts.Subscriptions()
		require.NoError(t, err)
		for event := range manifest {
			_, name, _ := strings.Cut(event, ".")
			require.Contains(t, words, name)
		}
	}
}

// inside requires that a picture is one, and that all of it can be seen. It returns the words in it.
func inside(t *testing.T, picture string) (words []string) {
	t.Helper()
	drawn, err := os.ReadFile(picture)
	require.NoError(t, err)
	wide, tall := 0.0, 0.0
	for decoder := xml.NewDecoder(bytes.NewReader(drawn)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return words
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.CharData:
			words = append(words, string(token))
		case xml.StartElement:
			at := map[string]float64{}
			for _, attribute := range token.Attr {
				at[attribute.Name.Local], _ = strconv.ParseFloat(attribute.Value, 64)
			}
			switch token.Name.Local {
			case "svg":
				wide, tall = at["width"], at["height"]
			case "rect", "text":
				require.True(t, at["x"] >= 0 && at["y"] >= 0 && at["x"]+at["width"] <= wide && at["y"]+at["height"] <= tall, "%v in %v × %v", token.Attr, wide, tall)
			}
		}
	}
}

func TestATopologyThatCannotBeLookedAt(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.yaml")
	invalid := topologyFile(t, "processes: {a: {http: 'h:1', modul: [x]}}")
	unknown := topologyFile(t, "processes: {a: {http: 'h:1', modules: [billing]}}")
	secret := topologyFile(t, "bus: 'amqp://shop:geheim@h:no/'\nprocesses: {all: {http: 'h:1', edge: true, modules: ["+strings.Join(shop.Describe().Modules, ", ")+"], database: 'oracle://shop:geheim@h/x'}}")
	const good = "testdata/topology/groups.yaml"
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"show"}, "name the file with --topology or PANGAEA_TOPOLOGY"},
		{[]string{"check"}, "name the file with --topology or PANGAEA_TOPOLOGY"},
		{[]string{"graph"}, "name the file with --topology or PANGAEA_TOPOLOGY"},
		{[]string{"shwo"}, `there is no command "shwo": pangaea topology --help lists those there are`},
		{[]string{"show", "everything"}, `unknown command "everything"`},
		{[]string{"show", "--topology", missing}, "read the topology: open " + missing + ": no such file or directory"},
		{[]string{"show", "--topology", invalid}, invalid + ": line 1: field modul is not known"},
		{[]string{"check", "--topology", invalid}, invalid + ": line 1: field modul is not known"},
		{[]string{"show", "--topology", unknown}, unknown + ": a hosts billing, and there is no such module: there are identity"},
		{[]string{"graph", "--topology", unknown}, unknown + ": a hosts billing, and there is no such module: there are identity"},
		{[]string{"show", "--topology", secret}, "all: a database URL begins with postgres:// or mysql://"},
		{[]string{"show", "--topology", good, "-o", "xml"}, `--output is text or json, not "xml"`},
		{[]string{"check", "--topology", good, "--timeout", "0s"}, "--timeout is above zero, not 0s"},
		{[]string{"graph", "--topology", good, "--format", "png"}, `--format is mermaid, svg, text, not "png"`},
		{[]string{"graph", "--topology", good, "--out", filepath.Join(missing, "x.svg")}, "write the picture: open " + missing},
		{[]string{"graph", "--out"}, "flag needs an argument: --out"},
	} {
		out, wrong, code := run(t, t.TempDir(), append([]string{"topology"}, c.args...)...)
		require.Contains(t, wrong, c.says, c.args)
		require.NotContains(t, wrong, "geheim")
		require.NotContains(t, wrong, "\n")
		require.Equal(t, couldNotLook, code, c.args)
		require.Empty(t, out, c.args)
	}
	out, wrong, code := run(t, t.TempDir(), "topology")
	require.Zero(t, code, wrong)
	require.Contains(t, out, "Available Commands:")
}

// The files that come with the shop suit it, wherever its servers are.
func TestOurTopologiesSuitTheShop(t *testing.T) {
	files, err := filepath.Glob("../../deploy/topologies/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	t.Setenv("PANGAEA_BUS_URL", "nats://broker")
	t.Setenv("PANGAEA_DATABASE_URL", "postgres://db/shop")
	for _, file := range files {
		out, wrong, code := run(t, t.TempDir(), "topology", "check", "--offline", "--topology", file)
		require.Zero(t, code, out+wrong)
	}
}
