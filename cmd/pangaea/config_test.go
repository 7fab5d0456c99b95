package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A file of settings is for all processes of a topology: what only one of them asks for is known as well.
func TestSettingsInForceAreShown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pangaea.yaml")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	t.Setenv("PANGAEA_CONFIG", file)
	t.Setenv("PANGAEA_CHECKOUT_DEADLINE", "45s")
	t.Setenv("PANGAEA_TOPOLOGY", filepath.Join("..", "..", "deploy", "topologies", "groups.yaml"))
	write("checkout: {deadline: 10s}\ngateway_wait: 5s\nstaff_password: geheim\npayments_bus_url: amqp://payments:geheim@broker/shop\n")

	out, wrong, code := run(t, t.TempDir(), "config")
	require.Zero(t, code, wrong)
	for _, row := range []string{
		`PANGAEA_CHECKOUT_DEADLINE +45s +environment +an order`,
		`PANGAEA_GATEWAY_WAIT +5s +\S+pangaea.yaml +how long`,
		`PANGAEA_GATEWAY_TIMEOUT +25s +default +`,
		`PANGAEA_PAYMENTS_BUS_URL +\S+ +\S+pangaea.yaml +the same`,
	} {
		require.Regexp(t, `(?m)^`+row, out)
	}
	require.NotContains(t, out, "geheim")

	out, _, _ = run(t, t.TempDir(), "config", "--output", "json")
	var rows []struct{ Name, Value, Origin, Doc string }
	require.NoError(t, json.Unmarshal([]byte(out), &rows))
	require.Greater(t, len(rows), 50)

	t.Setenv("PANGAEA_TOPOLOGY", "")
	_, wrong, code = run(t, t.TempDir(), "config")
	require.Equal(t, 1, code, "the monolith asks for no such thing")
	require.Contains(t, wrong, "gateway_wait in "+file+" is not a setting")

	t.Setenv("PANGAEA_TOPOLOGY", filepath.Join("..", "..", "deploy", "topologies", "groups.yaml"))
	write("gateway_wiat: 5s\n")
	out, wrong, code = run(t, t.TempDir(), "config")
	require.Equal(t, 1, code)
	require.Contains(t, out, "PANGAEA_RATE_LIMIT", "what is in force is shown all the same")
	require.Contains(t, wrong, "is not a setting: did you mean PANGAEA_GATEWAY_WAIT?")
}
