package contract_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/contract"
)

func TestEveryKindOfBreakIsReported(t *testing.T) {
	for _, dir := range examples(t, "breaking") {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			want, err := os.ReadFile(filepath.Join(dir, "reported.txt"))
			require.NoError(t, err, "a break counts only after it has been seen to be reported")
			require.Equal(t, strings.TrimSpace(string(want)), strings.Join(breaks(t, dir), "\n"))
		})
	}
}

func TestWhatIsAddedBreaksNothing(t *testing.T) {
	for _, dir := range examples(t, "compatible") {
		t.Run(filepath.Base(dir), func(t *testing.T) { require.Empty(t, breaks(t, dir)) })
	}
}

func examples(t *testing.T, kind string) []string {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join("testdata", kind, "*"))
	require.NoError(t, err)
	require.NotEmpty(t, dirs)
	return dirs
}

// breaks compares the schemas in dir/released with those in dir/current.
func breaks(t *testing.T, dir string) []string {
	t.Helper()
	released, err := contract.Read(os.DirFS(filepath.Join(dir, "released")))
	require.NoError(t, err)
	current, err := contract.Read(os.DirFS(filepath.Join(dir, "current")))
	require.NoError(t, err)
	return contract.Breaks(released, current)
}
