package stories

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// step is commands of the walk and, where they print anything, what.
var step = regexp.MustCompile("(?s)```sh\n(.*?)```\n(?:\n```text\n(.*?)```\n)?")

// The walk from one process to eight, and back, as docs/decomposition.md has it: each command is run, and what it prints
// compared.
func TestTheWalkFromOneProcessToEight(t *testing.T) {
	t.Parallel()
	if !slices.Contains(databasetest.Servers(t), database.Postgres) || !rabbitmqtest.Reachable() {
		return // said already, and an error on CI
	}
	house, there := rabbitmqtest.House(t)
	if !there {
		return
	}
	text, err := os.ReadFile("../docs/decomposition.md")
	require.NoError(t, err)
	walk := elsewhere(t, string(text), map[string]string{
		"amqp://guest:guest@localhost:5672/":                            house,
		"postgres://postgres:postgres@localhost/payments":               databasetest.Server(t, database.Postgres),
		"go build -o bin/ ./cmd/monolith ./cmd/pangaea ./cmd/split/...": "ln -s " + filepath.Dir(binary(t, "split")) + " bin",
	})
	binary(t, "pangaea")
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	steps := step.FindAllStringSubmatch(walk, -1)
	require.Greater(t, len(steps), 10)

	script := "set -u\n"
	for i, s := range steps {
		script += strings.ReplaceAll(s[1], "go test ./architecture", "(cd "+root+" && go test ./architecture)") + fmt.Sprintf("echo '== step %d'\n", i)
	}
	shell := exec.Command("sh", "-c", script)
	shell.Dir = t.TempDir()
	require.NoError(t, os.Symlink(filepath.Join(root, "deploy"), filepath.Join(shell.Dir, "deploy")))
	shell.Env = []string{"HOME=" + os.Getenv("HOME"), "PATH=" + os.Getenv("PATH"), "GOFLAGS=" + os.Getenv("GOFLAGS"), "CGO_ENABLED=0"}
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	var said lockedBuffer
	shell.Stdout, shell.Stderr = &said, &said
	require.NoError(t, shell.Start())
	ended := make(chan error)
	go func() { ended <- shell.Wait() }()
	select {
	case err = <-ended:
	case <-time.After(5 * time.Minute):
		err = errors.New("the walk does not end")
	}
	_ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) // what it has left running, if it went astray
	require.NoError(t, err, "%s", &said)

	rest := said.String()
	for i, s := range steps {
		printed, left, found := strings.Cut(rest, fmt.Sprintf("== step %d\n", i))
		require.True(t, found)
		require.Regexp(t, pattern(s[2]), printed, "what is printed by\n%s", s[1])
		rest = left
	}
}

// elsewhere is the walk through other servers, and at addresses that are free.
func elsewhere(t *testing.T, text string, servers map[string]string) string {
	for here, there := range servers {
		require.Contains(t, text, here)
		text = strings.ReplaceAll(text, here, there)
	}
	taken := map[string]string{}
	return regexp.MustCompile(`(127\.0\.0\.1|localhost):8[0-9]{3}`).ReplaceAllStringFunc(text, func(address string) string {
		port := address[len(address)-4:]
		if taken[port] == "" {
			taken[port] = freeAddr(t)
		}
		return taken[port]
	})
}

// pattern is what text stands for: … for anything in a line, and alone in a line for any lines.
func pattern(text string) *regexp.Regexp {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if line == "…\n" {
			lines[i] = "(?:.*\n)*"
			continue
		}
		lines[i] = strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*")
	}
	return regexp.MustCompile("^" + strings.Join(lines, "") + "$")
}
