package stories

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// The tour of the README is walked as it is written, but for the shop's address.
func TestTheTourOfTheReadmeWorks(t *testing.T) {
	t.Parallel()
	shell, err := exec.LookPath("sh")
	if err == nil {
		_, err = exec.LookPath("curl")
	}
	if err != nil {
		require.Empty(t, os.Getenv("CI"), "CI has to have a shell and curl")
		t.Log("not tested: the tour of the README needs a shell and curl")
		return
	}
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	_, tour, found := strings.Cut(string(readme), "## Five minutes with curl")
	require.True(t, found)
	tour, _, _ = strings.Cut(tour, "\n## ")
	shop := open(t, "PANGAEA_DEMO=on")
	shop.staff() // and with that, the demo products have come in

	script := "set -eu\n"
	for _, block := range shellBlock.FindAllStringSubmatch(tour, -1) {
		script += block[1]
	}
	script = strings.ReplaceAll(script, "localhost:8080", strings.TrimPrefix(shop.url, "http://"))
	script = strings.ReplaceAll(script, "go run ./cmd/pangaea", binary(t, "pangaea"))
	command := exec.Command(shell, "-c", script)
	command.Env = shop.env
	out, err := command.CombinedOutput()

	require.NoError(t, err, "%s", out)
	for _, seen := range []string{`"name":"Kitchen"`, `"status":"reserved"`, `"status":"delivered"`, "event: end", "every invariant holds"} {
		require.Contains(t, string(out), seen)
	}
}
