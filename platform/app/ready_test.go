package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAProcessIsAskedWhetherItIsReady(t *testing.T) {
	status := http.StatusOK
	process := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "/readyz", r.URL.Path)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(`{"missing":["ordering database"]}` + "\n"))
	}))
	address := strings.TrimPrefix(process.URL, "http://")
	_, port, _ := strings.Cut(address, ":")

	for _, listens := range []string{address, "localhost:" + port, ":" + port, "0.0.0.0:" + port} {
		t.Setenv("PANGAEA_HTTP_ADDR", listens)
		require.NoError(t, ready(t.Context()), listens)
	}
	status = http.StatusServiceUnavailable
	require.EqualError(t, ready(t.Context()), `it is not ready: {"missing":["ordering database"]}`)
	process.Close()
	require.ErrorContains(t, ready(t.Context()), "connection refused")
	t.Setenv("PANGAEA_HTTP_ADDR", "fd:3")
	require.EqualError(t, ready(t.Context()), `PANGAEA_HTTP_ADDR is "fd:3": nobody can be asked there`)
}
