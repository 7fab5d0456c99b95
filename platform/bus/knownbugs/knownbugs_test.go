// Package knownbugs sees the tests of delivery fail: it puts a part in the place of ours that is wrong in
// the way that such parts usually are, and passes if the test that is there for it notices.
//
// Each part does its everyday work: what keeps no promise at all would show nothing. What is wrong is
// only here. Nothing in the platform can be switched to it.
package knownbugs

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // what is wrong is loud
	os.Exit(m.Run())
}

// A bug is a part that is wrong, and what notices.
type bug struct {
	name   string
	on     []database.Dialect // where it shows; everywhere if empty
	broker bool               // whether it takes a RabbitMQ to show
	tests  func(t *testing.T) // those of ours, with the wrong part
	keeps  string             // the test that has to pass all the same
	breaks string             // the test that has to fail
	says   string             // what it says then, as a regular expression
	luck   int                // how often it may be lucky before
}

// among, where it is set, makes this test binary one that has the bug.
const among = "PANGAEA_TEST_KNOWN_BUG"

// failing, where it is set, tells such a binary that its test is the one that notices.
const failing = "PANGAEA_TEST_KNOWN_BUG_FAILS"

func TestKnownBugs(t *testing.T) {
	if name := os.Getenv(among); name != "" {
		bugs[slices.IndexFunc(bugs, func(b bug) bool { return b.name == name })].tests(t)
		return
	}
	withBroker := rabbitmqtest.Installed(t) && rabbitmqtest.Reachable()
	noticed := make([]string, len(bugs))
	t.Run("each is noticed", func(t *testing.T) {
		for i, b := range bugs {
			if (len(b.on) == 0 || slices.Contains(b.on, databasetest.Dialect())) && (withBroker || !b.broker) {
				t.Run(b.name, func(t *testing.T) {
					t.Parallel()
					noticed[i] = b.isNoticed(t)
				})
			}
		}
	})
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "\nknown bug, on %s\tcaught by\twhich says\n", databasetest.Dialect())
	for i, said := range noticed {
		if said != "" {
			fmt.Fprintf(table, "%s\t%s\t%s\n", bugs[i].name, bugs[i].breaks, said)
		}
	}
	require.NoError(t, table.Flush())
}

// isNoticed returns what the test that notices says.
func (b bug) isNoticed(t *testing.T) string {
	output, err := b.run(t, b.keeps, "")
	require.NoError(t, err, "%s is so wrong that its failures show nothing: %s", b.name, output)
	require.Contains(t, output, "--- PASS: "+testName(b.keeps))

	for runs := 0; runs == 0 || err == nil && runs <= b.luck; runs++ {
		output, err = b.run(t, b.breaks, "1")
	}
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "%s is not noticed by %q: %s", b.name, b.breaks, output)
	require.Contains(t, output, "--- FAIL: "+testName(b.breaks))
	said := regexp.MustCompile(b.says).FindString(output)
	require.NotEmpty(t, said, "%s is noticed for another reason: %s", b.name, output)
	return said
}

// run runs one test with the bug, in a process of its own: a test that fails takes its process with it.
func (b bug) run(t *testing.T, test, fails string) (output string, err error) {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(testName(test)), "/", "$/^")
	process := exec.CommandContext(t.Context(), os.Args[0], "-test.v", "-test.run", "^"+pattern+"$")
	process.Env = append(os.Environ(), among+"="+b.name, failing+"="+fails)
	out, err := process.CombinedOutput()
	return string(out), err
}

// testName is how package testing names a test of a bug.
func testName(test string) string { return "TestKnownBugs/" + strings.ReplaceAll(test, " ", "_") }
