package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What customers send must not end up in the log, whatever becomes of the request.
func TestSecretsAreNotLogged(t *testing.T) {
	log := logged(t)
	shop := open(t, "PANGAEA_LOG_LEVEL", "debug", "PANGAEA_LOG_FORMAT", "json")
	const canary = "canary4242424242424242"
	email := canary + "@example.org"
	customer := shop.register(t, email)
	shop.post(t, "/api/v1/tokens", map[string]string{"email": email, "password": canary + " wrong password"})

	for _, o := range shop.operations() {
		for _, token := range []string{customer, shop.staff, canary, ""} {
			r := shop.valid(o)
			r.token = token
			for _, p := range o.Parameters {
				r.parameters[p.In][p.Name] = canary
			}
			shop.send(t, r)
			r.body = []byte(strings.ReplaceAll(string(r.body), "text", canary))
			shop.send(t, r)
			r.body = []byte(`{"` + canary + `":"` + canary + "\\u001b[31m\\r\\nlevel=ERROR")
			shop.send(t, r)
		}
	}
	shop.send(t, request{method: http.MethodGet, path: "/" + canary})

	lines := strings.Split(strings.TrimSpace(log()), "\n")
	require.Greater(t, len(lines), 100)
	for _, line := range lines {
		require.True(t, json.Valid([]byte(line)), line)
		require.NotContains(t, line, canary)
		require.NotContains(t, line, customer)
	}
}

// logged sends the log to a file and returns what reads it.
func logged(t *testing.T) func() string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	stderr := os.Stderr
	os.Stderr = file
	t.Cleanup(func() { os.Stderr = stderr; _ = file.Close() })
	return func() string {
		text, err := os.ReadFile(file.Name())
		require.NoError(t, err)
		return string(text)
	}
}
