package stories

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
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

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// The walk of docs/decomposition.md, every command of it, prints what stands there; but for addresses, and the name of
// what it makes on the servers.
func TestTheWalk(t *testing.T) {
	t.Parallel()
	w := prepareWalk(t)
	if w == nil {
		return // said already, and an error on CI
	}
	text, err := os.ReadFile("../docs/decomposition.md")
	require.NoError(t, err)
	steps := w.steps(string(text))
	require.Greater(t, len(steps), 10)
	said := w.run(steps)
	for i, step := range steps {
		require.Less(t, i, len(said), "the walk ended before\n%s", step.commands)
		require.Regexp(t, step.prints(), said[i], "%s\n%s", step.commands, w.logs())
	}
}

// A walk has a folder of its own, and a name and addresses instead of those on the page.
type walk struct {
	t      *testing.T
	folder string
	name   string
	places *strings.Replacer // what stands on the page, but is elsewhere for the test
	at     map[string]string // the address instead of each
}

// prepareWalk finds out whether there is all that a walk needs, and has what it makes removed.
func prepareWalk(t *testing.T) *walk {
	t.Helper()
	for _, program := range []string{"sh", "curl", "psql"} {
		if _, err := exec.LookPath(program); err != nil {
			fmt.Fprintf(os.Stderr, "%s: not tested: the walk needs %s\n", t.Name(), program)
			require.NotEqual(t, "true", os.Getenv("CI"))
			return nil
		}
	}
	if !rabbitmqtest.Reachable() || !slices.Contains(databasetest.Servers(t), database.Postgres) {
		return nil
	}
	server := unprepared(t, database.Postgres) // removes all that begins with its name
	manifest, err := contracts.Subscriptions()
	require.NoError(t, err)
	var users []string
	for _, module := range manifest.Modules() {
		users = append(users, server.name+"_"+module)
	}
	if !rabbitmqtest.Forget(t, server.name, users...) {
		return nil
	}
	admin, err := url.Parse(server.admin)
	require.NoError(t, err)
	source, err := filepath.Abs("..")
	require.NoError(t, err)
	folder := t.TempDir()
	w := &walk{t: t, folder: folder, name: server.name, at: map[string]string{}}
	w.places = strings.NewReplacer(
		"postgres://postgres@127.0.0.1:5432", "postgres://"+admin.User.String()+"@"+admin.Host,
		"@127.0.0.1:5432", "@"+admin.Host,
		"go build -o", "go build -C "+source+" -ldflags='-s -w' -o", // as all stories have them built: there is nothing to do
		" bin/ ", " "+filepath.Join(folder, "bin")+"/ ",
		"go test ", "go test -C "+source+" ",
	)
	w.copies("deploy", "topologies")
	w.links(filepath.Dir(binary(t, "split")))
	return w
}

// links has the programs of a folder in the walk's, as copies where that is on another disk.
func (w *walk) links(programs string) {
	w.t.Helper()
	bin := filepath.Join(w.folder, "bin")
	require.NoError(w.t, os.Mkdir(bin, 0o700))
	files, err := filepath.Glob(filepath.Join(programs, "*"))
	require.NoError(w.t, err)
	for _, file := range files {
		to := filepath.Join(bin, filepath.Base(file))
		if os.Link(file, to) != nil {
			program, err := os.ReadFile(file)
			require.NoError(w.t, err)
			require.NoError(w.t, os.WriteFile(to, program, 0o700))
		}
	}
}

// copies has a folder of the source in the walk's, at other addresses.
func (w *walk) copies(path ...string) {
	w.t.Helper()
	to := filepath.Join(append([]string{w.folder}, path...)...)
	require.NoError(w.t, os.MkdirAll(to, 0o700))
	files, err := filepath.Glob(filepath.Join(append(append([]string{".."}, path...), "*")...))
	require.NoError(w.t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(w.t, err)
		require.NoError(w.t, os.WriteFile(filepath.Join(to, filepath.Base(file)), []byte(w.elsewhere(string(text))), 0o600))
	}
}

// elsewhere is a text with the test's own addresses and names instead of those that a reader has.
func (w *walk) elsewhere(text string) string {
	text = address.ReplaceAllStringFunc(text, func(there string) string {
		port := strings.TrimSuffix(there, "}")
		port = port[len(port)-4:]
		if port == "5432" {
			return there
		}
		if w.at[port] == "" {
			w.at[port] = freeAddr(w.t)
		}
		return w.at[port]
	})
	text = regexp.MustCompile(`\bwalk(\b|_)`).ReplaceAllString(text, w.name+"$1")
	return w.places.Replace(text)
}

// A step is a block of commands, and what the page says that they print.
type step struct{ commands, output string }

var stepOfTheWalk = regexp.MustCompile("(?s)```sh\n(.*?)```(?:\\s*```text\n(.*?)```)?")

func (w *walk) steps(page string) (steps []step) {
	for _, block := range stepOfTheWalk.FindAllStringSubmatch(page, -1) {
		steps = append(steps, step{commands: w.elsewhere(block[1]), output: w.elsewhere(block[2])})
	}
	return steps
}

// prints is what has to match what a step prints: … is anything in a line, or, alone in a line, any lines.
func (s step) prints() *regexp.Regexp {
	var pattern strings.Builder
	for line := range strings.Lines(plain(s.output)) {
		switch line = strings.TrimSpace(line); line {
		case "…":
			pattern.WriteString(`(?s:.*\n)?`)
		default:
			pattern.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + `\n`)
		}
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`)
}

// slow is what commands say of a machine that has too much to do.
var slow = regexp.MustCompile(`(?m)^\S+ \S+ WARN slow statement .*\n`)

// plain is a text without what makes it beautiful, columns and empty lines, and without what is not about the walk.
func plain(text string) string {
	var lines strings.Builder
	for line := range strings.Lines(slow.ReplaceAllString(text, "")) {
		if words := strings.Fields(line); len(words) > 0 {
			lines.WriteString(strings.Join(words, " ") + "\n")
		}
	}
	return lines.String()
}

// between is printed after each step.
const between = "\x1e"

// run runs all steps in one shell, and returns what each has printed.
func (w *walk) run(steps []step) (said []string) {
	w.t.Helper()
	script := "set -eu\n"
	for _, step := range steps {
		script += step.commands + "\nprintf '" + `\036` + "'\n"
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 8*time.Minute)
	defer cancel()
	var out bytes.Buffer
	shell := exec.CommandContext(ctx, "sh", "-c", script)
	shell.Dir, shell.Stdout, shell.Stderr = w.folder, &out, &out
	shell.Env = slices.DeleteFunc(os.Environ(), func(setting string) bool { return strings.HasPrefix(setting, "PANGAEA_") })
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	shell.WaitDelay = time.Second
	err := shell.Run()
	if kill := syscall.Kill(-shell.Process.Pid, syscall.SIGKILL); !errors.Is(kill, syscall.ESRCH) {
		w.t.Error("the walk has left processes behind")
	}
	for text := range strings.SplitSeq(out.String(), between) {
		said = append(said, plain(text))
	}
	if err != nil {
		done := min(len(said)-1, len(steps)-1)
		w.t.Errorf("the walk stopped (%v) in\n%s\nwhich said\n%s\n%s", err, steps[done].commands, said[done], w.logs())
	}
	return said
}

// logs are what the processes have said last.
func (w *walk) logs() string {
	var all strings.Builder
	files, _ := filepath.Glob(filepath.Join(w.folder, "data", "*", "*.log"))
	for _, file := range files {
		text, _ := os.ReadFile(file)
		fmt.Fprintf(&all, "%s:\n%s\n", filepath.Base(file), text[max(0, len(text)-3000):])
	}
	return all.String()
}
