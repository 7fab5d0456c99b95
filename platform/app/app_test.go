package app

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// process is one that hosts no module.
func process(t *testing.T, settings map[string]string, further ...fx.Option) fx.Option {
	t.Helper()
	t.Setenv("PANGAEA_DATA_DIR", t.TempDir())
	t.Setenv("PANGAEA_HTTP_ADDR", "127.0.0.1:0")
	t.Setenv("PANGAEA_LOG_LEVEL", "error")
	for name, value := range settings {
		t.Setenv(name, value)
	}
	keys, _ := authtest.New(t)
	return fx.Options(Base, fx.Provide(func() auth.KeySource { return keys }), fx.Invoke(open), fx.Options(further...))
}

// open asks where a module's database is, as every module does.
func open(places database.Places) error {
	place, err := places("sample")
	if err == nil {
		_, err = place.Dialect()
	}
	return err
}

func TestAProcessThatCannotStartSaysWhyInOneLine(t *testing.T) {
	taken, err := database.LockDir(t.TempDir())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	for line, settings := range map[string]map[string]string{
		`PANGAEA_LOG_FORMAT is "xml" (environment): must be one of auto, text, json`:                       {"PANGAEA_LOG_FORMAT": "xml"},
		`PANGAEA_RATE_LIMIT is "fast" (environment): must be a rate such as 200/s, 1000/m or off`:          {"PANGAEA_RATE_LIMIT": "fast"},
		`PANGAEA_RATE_LIMITS (environment) is not a setting: did you mean PANGAEA_RATE_LIMIT?`:             {"PANGAEA_RATE_LIMITS": "off"},
		`listen for HTTP (PANGAEA_HTTP_ADDR): listen tcp: address nonsense: missing port in address`:       {"PANGAEA_HTTP_ADDR": "nonsense"},
		`PANGAEA_DATABASE_URL is "***" (environment): a database URL begins with postgres:// or mysql://`:  {"PANGAEA_DATABASE_URL": "canary:"},
		`PANGAEA_SAMPLE_DATABASE_URL is "***" (environment): the database URL cannot be read: it is`:       {"PANGAEA_SAMPLE_DATABASE_URL": "postgres://u:canary/x@h/d"},
		`PANGAEA_SAMPLE_MIGRATE_URL is "***" (environment): the database URL cannot be read: it is`:        {"PANGAEA_SAMPLE_MIGRATE_URL": "mysql://u:canary/x@h/d"},
		`PANGAEA_DATABASE_URL is "***" (environment): the database URL names no database:`:                 {"PANGAEA_DATABASE_URL": "mysql://u:canary@h"},
		`PANGAEA_DATABASE_URL is "***" (environment): the database URL cannot be used: sslmode is invalid`: {"PANGAEA_DATABASE_URL": "postgres://u:canary@h/d?sslmode=x"},
		`data folder ` + taken.Path() + ` is in use by another process`:                                    {"PANGAEA_DATA_DIR": taken.Path()},
	} {
		t.Run(line, func(t *testing.T) {
			err := run(process(t, settings))
			require.Error(t, err)
			require.Contains(t, Explain(err), line)
			require.NotContains(t, Explain(err), "\n")
			require.NotContains(t, Explain(err), "canary")
		})
	}
}

func TestADatabaseThatCannotBeReachedIsNamedInOneLine(t *testing.T) {
	t.Setenv("PANGAEA_SAMPLE_DATABASE_URL", "postgres://ada:canary@127.0.0.1:1,127.0.0.2:1/shop")
	settings, err := config.Load()
	require.NoError(t, err)
	place, err := Places(settings, topology.Place{})("sample")
	require.NoError(t, err)

	_, err = database.OpenReadOnly(t.Context(), "sample", place)

	require.Error(t, err)
	line := Explain(err)
	require.Contains(t, line, "open the database of sample (PANGAEA_SAMPLE_DATABASE_URL) to read it: ")
	require.Contains(t, line, "`: 127.0.0.1:1 (127.0.0.1): dial error: dial tcp 127.0.0.1:1: connect: connection refused; 127.0.0.2:1 ")
	require.NotContains(t, line, "\n")
	require.NotContains(t, line, "\t")
	require.NotContains(t, line, "canary")
}

// It is told while it still starts.
func TestAProcessStopsWhenItIsTold(t *testing.T) {
	heard := make(chan os.Signal, 1)
	signal.Notify(heard, syscall.SIGTERM)
	t.Cleanup(func() { signal.Stop(heard) })
	var server *httpserver.Server
	var order []string
	note := func(what string) func() { return func() { order = append(order, what) } }
	module := fx.Module("sample", fx.Invoke(func(life fx.Lifecycle) {
		life.Append(fx.StartStopHook(note("module starts"), note("module stops")))
	}))
	last := fx.Invoke(func(life fx.Lifecycle) {
		life.Append(fx.StartHook(func() error {
			response, err := http.Get("http://" + server.Address() + "/readyz")
			if err != nil {
				return err
			}
			order = append(order, response.Status)
			_ = response.Body.Close()
			err = syscall.Kill(os.Getpid(), syscall.SIGTERM)
			<-heard
			return err
		}))
	})

	require.NoError(t, run(process(t, nil, module, fx.Populate(&server), last)))

	require.Equal(t, []string{"module starts", "200 OK", "module stops"}, order)
}

func TestAProcessThatNobodyCanReachEnds(t *testing.T) {
	var server *httpserver.Server
	deaf := fx.Invoke(func(life fx.Lifecycle) {
		life.Append(fx.StartHook(func() error { return shutDown(server.Address()) }))
	})

	err := run(process(t, nil, fx.Populate(&server), deaf))

	require.ErrorContains(t, err, "HTTP ended by itself: accept tcp")
	require.NotContains(t, Explain(err), "\n")
}

// shutDown ends whatever of this process listens at an address, as if the kernel had.
func shutDown(address string) error {
	for fd := range 1 << 10 {
		bound, err := syscall.Getsockname(fd)
		if here, ok := bound.(*syscall.SockaddrInet4); err == nil && ok && address == fmt.Sprintf("127.0.0.1:%d", here.Port) {
			return syscall.Shutdown(fd, syscall.SHUT_RDWR)
		}
	}
	return errors.New("nobody listens at " + address)
}

func TestTheGreetingIsALinkThatWorks(t *testing.T) {
	for address, url := range map[string]string{
		"[::]:8080": "http://localhost:8080\n", "0.0.0.0:80": "http://localhost:80\n", "127.0.0.1:1": "http://127.0.0.1:1\n", "[::1]:9": "http://[::1]:9\n",
	} {
		var out bytes.Buffer
		require.NoError(t, greet(&out, address))
		require.Contains(t, out.String(), url)
	}
}
