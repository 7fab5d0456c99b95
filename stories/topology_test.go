package stories

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// as is how the shops of all stories run, which PANGAEA_TEST_TOPOLOGY says: empty is as one process; "broker" is as
// one process whose events take a RabbitMQ; others are topologies, as deploy/topologies has them.
var as = os.Getenv("PANGAEA_TEST_TOPOLOGY")

// split reports whether a shop of the stories is many processes.
func split() bool { return as != "" && as != "broker" }

// local reports whether a shop brings its own message server and databases.
func local() bool { return as == "local" }

// address is one that a topology gives to a process of this machine.
var address = regexp.MustCompile(`127\.0\.0\.1:([0-9]{4}|\$\{[A-Z_]+:-[0-9]{4}\})`)

// taken is a topology of deploy/topologies at addresses that are free, and the address of its edge.
func (s *shop) taken(name string) (file, edge string) {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "deploy", "topologies", name+".yaml"))
	require.NoError(s.t, err)
	text = address.ReplaceAllFunc(text, func([]byte) []byte { return []byte(freeAddr(s.t)) })
	file = filepath.Join(s.t.TempDir(), name+".yaml")
	require.NoError(s.t, os.WriteFile(file, text, 0o600))
	t, err := topology.Read(file)
	require.NoError(s.t, err)
	for _, p := range t.Processes() {
		if p.Edge {
			edge = p.At(1)
		}
		for replica := 1; replica <= p.Replicas; replica++ {
			s.doors = append(s.doors, "http://"+p.At(replica))
		}
	}
	return file, edge
}

// carried says what a shop's events take, unless its settings do.
func (s *shop) carried(settings []string) []string {
	s.t.Helper()
	switch {
	case !split() && as != "broker", local(), said(settings, "PANGAEA_BUS_URL"):
		return nil
	}
	house, there := rabbitmqtest.House(s.t)
	require.True(s.t, there, "as %s a shop needs a RabbitMQ", as)
	return []string{"PANGAEA_BUS_URL=" + house}
}

// program is what runs a shop.
func (s *shop) program() *exec.Cmd {
	s.t.Helper()
	if !s.split {
		return exec.Command(binary(s.t, "monolith"))
	}
	args := []string{"--topology", s.setting("PANGAEA_TOPOLOGY"), "--bin", filepath.Dir(binary(s.t, "split"))}
	if local() {
		args = append(args, "--local")
	}
	return exec.Command(binary(s.t, "split"), args...)
}

// pids are the processes of a split shop by name: "ordering-2" is the second replica of ordering.
func (s *shop) pids() map[string]int {
	s.t.Helper()
	pids := map[string]int{}
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.proc.Process.Pid))
	require.NoError(s.t, err)
	for _, task := range tasks {
		children, _ := os.ReadFile(task) // a thread may have ended
		for _, child := range strings.Fields(string(children)) {
			pid, name, replica := 0, "messages", ""
			_, err := fmt.Sscan(child, &pid)
			require.NoError(s.t, err)
			environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid)) // so may a process
			for variable := range strings.SplitSeq(string(environment), "\x00") {
				if value, ok := strings.CutPrefix(variable, "PANGAEA_PROCESS="); ok {
					name = value
				}
				if value, ok := strings.CutPrefix(variable, "PANGAEA_REPLICA="); ok {
					replica = value
				}
			}
			if replica != "" && replica != "1" {
				name += "-" + replica
			}
			if len(environment) > 0 {
				pids[name] = pid
			}
		}
	}
	return pids
}

// unready is what the first process of the shop that can do no real work says of that; empty if there is none.
func (s *shop) unready() string {
	for _, door := range s.doors {
		response, err := client.Get(door + "/readyz")
		if err != nil {
			return err.Error()
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			return err.Error()
		}
		if response.StatusCode != http.StatusOK {
			return string(body)
		}
	}
	return ""
}
