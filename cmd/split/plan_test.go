package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/loopback"
	"github.com/pangaea-shop/pangaea/platform/supervisor"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

const topologies = "../../deploy/topologies/"

// bin is a folder in which programs might be: who plans does not run them.
func bin(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "gateway"), nil, 0o700))
	return folder
}

// names lists programs, and what each is run from.
func names(programs []supervisor.Program) (names []string) {
	for _, p := range programs {
		names = append(names, p.Name+" from "+filepath.Base(p.Path))
	}
	return names
}

// setting is the value that a program has of one, the last that is given.
func setting(p supervisor.Program, name string) (value string, there bool) {
	for _, line := range p.Env {
		if v, found := strings.CutPrefix(line, name+"="); found {
			value, there = v, true
		}
	}
	return value, there
}

func TestAGroupIsRunByTheMonolithsProgram(t *testing.T) {
	t.Setenv("PANGAEA_BUS_URL", "amqp://localhost")
	w := wish{topology: topologies + "groups.yaml", bin: bin(t), out: io.Discard}
	p, err := w.plan(t.Context())
	require.NoError(t, err)
	require.Empty(t, p.messages)
	require.Equal(t, []string{"rest from monolith", "sales from monolith"}, names(p.modules))
	require.Equal(t, []string{"gateway from gateway"}, names(p.edge))
	require.Equal(t, "http://127.0.0.1:8080", p.shop)
	require.Equal(t, "127.0.0.1:8080", p.edge[0].Listen, "its socket is the supervisor's")
	address, _ := setting(p.edge[0], "PANGAEA_HTTP_ADDR")
	require.Equal(t, "fd:3", address)
}

// Each replica is told which it is, and gets no other module's passwords nor an address that is meant for one process.
func TestAProcessIsToldWhatConcernsIt(t *testing.T) {
	t.Setenv("PANGAEA_BUS_URL", "amqp://localhost")
	t.Setenv("PANGAEA_PAYMENTS_DATABASE_URL", "postgres://payments:secret@db/pangaea")
	t.Setenv("PANGAEA_HTTP_ADDR", ":80")
	t.Setenv("PANGAEA_PROCESS", "somebody")
	w := wish{topology: topologies + "split.yaml", bin: bin(t), out: io.Discard}
	p, err := w.plan(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{
		"catalog from catalog", "identity from identity", "inventory-1 from inventory", "inventory-2 from inventory", "notifications from notifications",
		"ordering-1 from ordering", "ordering-2 from ordering", "payments from payments", "shipping from shipping",
	}, names(p.modules))
	var key string
	for _, program := range slices.Concat(p.modules, p.edge) {
		process, _ := setting(program, "PANGAEA_PROCESS")
		replica, _ := setting(program, "PANGAEA_REPLICA")
		name, number, several := strings.Cut(program.Name, "-")
		require.Equal(t, name, process)
		require.Equal(t, several, number != "" && number == replica, program.Name)
		_, password := setting(program, "PANGAEA_PAYMENTS_DATABASE_URL")
		require.Equal(t, name == "payments", password, program.Name)
		address, _ := setting(program, "PANGAEA_HTTP_ADDR")
		require.NotEqual(t, ":80", address, program.Name)
		own, _ := setting(program, "PANGAEA_EDGE_KEY")
		require.NotEmpty(t, own)
		require.True(t, key == "" || own == key, "all have the same key")
		key = own
	}
}

// A split that needs no servers brings its messages, and uses none that settings happen to name.
func TestASplitOfItsOwn(t *testing.T) {
	t.Setenv("PANGAEA_BUS_URL", "amqp://localhost")
	t.Setenv("PANGAEA_DATABASE_URL", "postgres://localhost/pangaea")
	t.Setenv("PANGAEA_CONFIG", "/somewhere/pangaea.yaml")
	t.Setenv("PANGAEA_PAYMENTS_MIGRATE_URL", "postgres://localhost/pangaea")
	t.Setenv("PANGAEA_DATA_DIR", "/somewhere")
	w := wish{topology: topologies + "local.yaml", local: true, bin: bin(t), out: io.Discard}
	p, err := w.plan(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"messages from messages"}, names(p.messages))
	address, _ := setting(p.messages[0], "PANGAEA_NATS_ADDR")
	require.Equal(t, "127.0.0.1:4322", address)
	folder, _ := setting(p.messages[0], "PANGAEA_NATS_DIR")
	require.Equal(t, "/somewhere/split/messages", folder)
	require.Len(t, p.modules, 7)
	for _, program := range slices.Concat(p.messages, p.modules, p.edge) {
		for _, foreign := range []string{"PANGAEA_BUS_URL", "PANGAEA_DATABASE_URL", "PANGAEA_CONFIG", "PANGAEA_PAYMENTS_MIGRATE_URL"} {
			_, there := setting(program, foreign)
			require.False(t, there, "%s has %s", program.Name, foreign)
		}
	}
}

// A process that still answers for a while when it is told to stop is not killed meanwhile.
func TestAProcessHasTimeToStop(t *testing.T) {
	t.Setenv("PANGAEA_BUS_URL", "amqp://localhost")
	t.Setenv("PANGAEA_DRAIN", "1m")
	w := wish{topology: topologies + "groups.yaml", bin: bin(t), out: io.Discard}
	p, err := w.plan(t.Context())
	require.NoError(t, err)
	for _, program := range slices.Concat(p.modules, p.edge) {
		require.Equal(t, time.Minute+app.StopTimeout+time.Second, program.Grace, program.Name)
	}

	t.Setenv("PANGAEA_DRAIN", "soon")
	_, err = w.plan(t.Context())
	require.ErrorContains(t, err, "PANGAEA_DRAIN")
}

func TestWhatCannotBeRun(t *testing.T) {
	file := func(text string) string {
		path := filepath.Join(t.TempDir(), "topology.yaml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	nobody, refused := "--yes", "nothing was made"
	if !listens(postgres) || !listens(rabbitmq) {
		nobody, refused = "neither settings nor this machine nor Docker", "neither settings nor this machine nor Docker"
	}
	t.Setenv("PANGAEA_ADMIN_URL", "")
	t.Setenv("PANGAEA_BUS_ADMIN_URL", "")
	for name, c := range map[string]struct {
		wish wish
		why  string
	}{
		"no file":          {wish{topology: "nowhere.yaml"}, "nowhere.yaml: no such file or directory"},
		"no YAML":          {wish{topology: file("processes: [")}, "the topology (--topology): "},
		"not the shop":     {wish{topology: file("processes:\n  all: {modules: [catalogue], http: \"127.0.0.1:1\"}\n")}, "all hosts catalogue, and there is no such module"},
		"local, a broker":  {wish{topology: topologies + "split.yaml", local: true}, "--local starts a message server of its own"},
		"no programs":      {wish{topology: topologies + "split.yaml", bin: "/nowhere"}, "there are no programs in /nowhere"},
		"nobody to agree":  {wish{topology: topologies + "split.yaml", in: strings.NewReader("")}, nobody},
		"somebody refuses": {wish{topology: topologies + "split.yaml", in: strings.NewReader("no\n")}, refused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PANGAEA_BUS_URL", "")
			t.Setenv("PANGAEA_CONFIG", "")
			t.Setenv("PATH", "") // no docker: where there are no servers, there is nothing to ask
			c.wish.out = io.Discard
			if c.wish.bin == "" {
				c.wish.bin = bin(t)
			}
			_, err := c.wish.plan(t.Context())
			require.ErrorContains(t, err, c.why)
		})
	}
}

// listening puts something that listens where servers are administered, and says where.
func listening(t *testing.T) map[string]string {
	t.Helper()
	at := map[string]string{"PANGAEA_ADMIN_URL": "postgres://boss:secret@", "PANGAEA_BUS_ADMIN_URL": "http://boss:secret@"}
	for setting, url := range at {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		at[setting] = listener.Addr().String()
		t.Setenv(setting, url+at[setting])
	}
	t.Setenv("PANGAEA_BUS_URL", "")
	t.Setenv("PANGAEA_CONFIG", "")
	return at
}

// Who is asked is told where something would be made.
func TestTheAnswerIsForTheServersThatAreUsed(t *testing.T) {
	servers := listening(t)
	var out strings.Builder
	w := wish{topology: topologies + "split.yaml", bin: bin(t), in: strings.NewReader("n\n"), out: &out}
	_, err := w.plan(t.Context())
	require.ErrorContains(t, err, "nothing was made")
	require.Contains(t, out.String(), "There is a database server at "+servers["PANGAEA_ADMIN_URL"]+" and a RabbitMQ at "+servers["PANGAEA_BUS_ADMIN_URL"]+".")
	require.NotContains(t, out.String(), "secret")

	t.Setenv("PANGAEA_BUS_ADMIN_URL", "http://boss:secret@127.0.0.1:1")
	_, err = w.plan(t.Context())
	require.EqualError(t, err, "PANGAEA_BUS_ADMIN_URL names the server at 127.0.0.1:1, where nobody listens")

	out.Reset()
	t.Setenv("PANGAEA_BUS_ADMIN_URL", "ssh broker rabbitmqctl")
	w.in = strings.NewReader("n\n")
	_, err = w.plan(t.Context())
	require.ErrorContains(t, err, "nothing was made")
	require.Contains(t, out.String(), "and a RabbitMQ at the place that PANGAEA_BUS_ADMIN_URL names.")
}

// A server that is there is used, if somebody agrees, and only what is missing is started.
func TestWhatIsMissingIsStartedInContainers(t *testing.T) {
	file, err := filepath.Abs(topologies + "split.yaml")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	servers, programs := listening(t), bin(t)
	t.Setenv("PANGAEA_BUS_ADMIN_URL", "")
	t.Setenv("PANGAEA_RABBITMQ_PASSWORD", "geheim") // as Compose is told
	rabbitmq, err := loopback.Address()
	require.NoError(t, err)

	t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
	program := func(name, script string) { // in place of the real one
		require.NoError(t, os.WriteFile(filepath.Join(programs, name), []byte("#!/bin/sh\n"+script), 0o700))
	}
	program("pangaea", `echo "$1 by $PANGAEA_BUS_ADMIN_URL" >> prepared; echo "bus_url: amqp://shop:secret@`+rabbitmq+`/pangaea" > "$4"`)
	program("docker", `exit 1`)
	var out strings.Builder
	begin := func(answer string) error {
		out.Reset()
		w := wish{topology: file, bin: programs, in: strings.NewReader(answer), out: &out, rabbitmq: rabbitmq}
		_, err := w.plan(t.Context())
		return err
	}
	require.ErrorContains(t, begin("y\n"), "neither settings nor this machine nor Docker")
	require.Empty(t, out.String(), "nobody is asked for what cannot be")

	program("docker", `case "$*" in *" up "*) echo "$@" >> started;; *" ps "*) cat running;; esac`)
	require.ErrorContains(t, begin("n\n"), "nothing was made")
	require.NoFileExists(t, "started")

	const started = "compose --profile servers up --detach --wait rabbitmq-here\n"
	starts := func(all string) (stop func()) { // as docker would, when it is told to
		broker := make(chan net.Listener, 1)
		go func() {
			told := func() bool { text, _ := os.ReadFile("started"); return string(text) == all }
			for !told() && t.Context().Err() == nil {
				<-time.After(time.Millisecond)
			}
			listener, err := net.Listen("tcp", rabbitmq)
			assert.NoError(t, err)
			broker <- listener
		}()
		return func() { require.NoError(t, (<-broker).Close()) }
	}
	stop := starts(started)
	require.NoError(t, begin("y\n"))
	require.Contains(t, out.String(), "There is a database server at "+servers["PANGAEA_ADMIN_URL"]+".\nMay I make a database called pangaea with a role for each module there? [y/N] ")
	require.NotContains(t, out.String(), "RabbitMQ", "it is ours, and nobody has to agree")
	prepared, err := os.ReadFile("prepared")
	require.NoError(t, err)
	require.Contains(t, string(prepared), "bus by http://guest:geheim@127.0.0.1:15672\n")

	stop()
	stop = starts(started + started)
	require.NoError(t, begin(""), "what was made before is started again")

	require.NoError(t, os.Remove(settingsFile))
	require.NoError(t, os.Remove("prepared"))
	require.NoError(t, os.WriteFile("running", []byte("rabbitmq-here"), 0o600))
	require.NoError(t, begin("y\n"))
	require.NotContains(t, out.String(), "RabbitMQ", "it is ours, also where it runs already")
	prepared, err = os.ReadFile("prepared")
	require.NoError(t, err)
	require.Contains(t, string(prepared), "bus by http://guest:geheim@127.0.0.1:15672\n")
	stop()
}

// What was agreed to and failed halfway is agreed to and made again from the start, and used from then on.
func TestWhatFailsHalfwayIsTakenUpAgain(t *testing.T) {
	file, err := filepath.Abs(topologies + "split.yaml")
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	servers, programs := listening(t), bin(t)
	prepares := func(script string) { // in place of the real one
		require.NoError(t, os.WriteFile(filepath.Join(programs, "pangaea"), []byte("#!/bin/sh\n"+script), 0o700))
	}
	begin := func(answer string) (plan, error) {
		w := wish{topology: file, bin: programs, in: strings.NewReader(answer), out: io.Discard}
		return w.plan(t.Context())
	}

	prepares(`[ "$1" = database ] && echo "drain: 1s" > "$4"`)
	_, err = begin("y\n")
	require.ErrorContains(t, err, "make a virtual host for the shop on the RabbitMQ at "+servers["PANGAEA_BUS_ADMIN_URL"])
	require.NoFileExists(t, settingsFile)

	prepares(`echo "bus_url: amqp://shop:secret@` + servers["PANGAEA_ADMIN_URL"] + `/pangaea" > "$4"`)
	_, err = begin("")
	require.ErrorContains(t, err, "nobody is there to agree")
	_, err = begin("yes\n")
	require.NoError(t, err)
	t.Setenv("PANGAEA_ADMIN_URL", "")
	t.Setenv("PANGAEA_BUS_ADMIN_URL", "")
	p, err := begin("")
	require.NoError(t, err, "nobody is asked again, nor who administers the servers")
	for _, program := range slices.Concat(p.modules, p.edge) {
		config, _ := setting(program, "PANGAEA_CONFIG")
		require.Equal(t, settingsFile, config, program.Name)
	}

	require.NoError(t, os.WriteFile(settingsFile, []byte("bus_url: amqp://shop:secret@127.0.0.1:1/pangaea"), 0o600))
	_, err = begin("")
	require.EqualError(t, err, settingsFile+": it names the server at 127.0.0.1:1, where nobody listens")
}

// Processes on one machine share its processors, unless somebody has said otherwise.
func TestProcessesShareTheProcessors(t *testing.T) {
	t.Setenv("PANGAEA_BUS_URL", "amqp://localhost")
	for _, c := range []struct {
		topology     string
		there, share int
	}{{"split", 1, 1}, {"split", 2, 1}, {"split", 16, 6}, {"groups", 2, 2}, {"groups", 3, 3}} {
		layout, err := topology.Read(topologies + c.topology + ".yaml")
		require.NoError(t, err)
		require.Equal(t, c.share, processors(layout, c.there), "of %d processors, in %s", c.there, c.topology)
	}

	layout, err := topology.Read(topologies + "split.yaml")
	require.NoError(t, err)
	for said, most := range map[string]string{"": strconv.Itoa(processors(layout, runtime.GOMAXPROCS(0))), "7": "7"} {
		t.Setenv("GOMAXPROCS", said)
		w := wish{topology: topologies + "split.yaml", bin: bin(t), out: io.Discard}
		p, err := w.plan(t.Context())
		require.NoError(t, err)
		for _, program := range slices.Concat(p.modules, p.edge) {
			given, _ := setting(program, "GOMAXPROCS")
			require.Equal(t, most, given, program.Name)
		}
	}
}
