package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/platform/app"
)

// run runs the command with a data folder and returns what it printed, or its one line about what is wrong.
func run(t *testing.T, data string, args ...string) (out, wrong string, code int) {
	t.Helper()
	t.Setenv("PANGAEA_DATA_DIR", data)
	var printed bytes.Buffer
	command := newCommand()
	command.SetOut(&printed)
	command.SetErr(&bytes.Buffer{})
	command.SetArgs(args)
	if err := command.Execute(); err != nil {
		return printed.String(), app.Explain(err), exitCode(err)
	}
	return printed.String(), "", 0
}

// stocked is the data folder of a shop that was opened once.
func stocked(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	t.Setenv("PANGAEA_DATA_DIR", dir)
	opened, err := shop.Open()
	require.NoError(t, err)
	require.NoError(t, opened.Close())
	return dir
}

func TestABackupHoldsEveryModule(t *testing.T) {
	data, backup := stocked(t), filepath.Join(t.TempDir(), "backup")
	out, wrong, code := run(t, data, "backup", backup, "--output", "json")
	require.Zero(t, code, wrong)
	var taken struct {
		ID    string
		Files []struct{ Module string }
	}
	require.NoError(t, json.Unmarshal([]byte(out), &taken), out)
	wired, discard, err := shop.Wire()
	require.NoError(t, err)
	t.Cleanup(discard)
	var modules, backedUp []string
	for _, member := range wired.Roll.Members() {
		modules = append(modules, member.Name)
	}
	for _, file := range taken.Files {
		backedUp = append(backedUp, file.Module)
	}
	require.ElementsMatch(t, modules, backedUp)

	into := filepath.Join(t.TempDir(), "data")
	out, wrong, code = run(t, into, "restore", backup, "--output", "json")
	require.Zero(t, code, wrong)
	var restored struct {
		Backup        struct{ ID string }
		Set, Replaced string
	}
	require.NoError(t, json.Unmarshal([]byte(out), &restored), out)
	require.Equal(t, taken.ID, restored.Backup.ID)
	require.NotEqual(t, taken.ID, restored.Set)
	require.Empty(t, restored.Replaced)

	out, wrong, code = run(t, into, "restore", backup, "--replace")
	require.Zero(t, code, wrong)
	require.Contains(t, out, taken.ID)
	require.Contains(t, out, "what was there before is in "+filepath.Join(into, "replaced-"))
}

func TestBackupAndRestoreSayWhatIsWrong(t *testing.T) {
	data, nothing, dir := stocked(t), t.TempDir(), t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	for _, c := range []struct{ data, args, wrong string }{
		{data, "backup", "name one folder: pangaea backup DIR"},
		{data, "backup a b", "name one folder: pangaea backup DIR"},
		{data, "backup " + file, "no backup was taken: "},
		{data, "backup " + dir, dir + " is not empty"},
		{data, "backup " + data + "/backup", "is in the data folder"},
		{data, "backup " + dir + "/b --output xml", `--output is text or json, not "xml"`},
		{nothing, "backup " + dir + "/b", "catalog.db: no such file or directory"},
		{nothing + "/none", "backup " + dir + "/b", "none: no such file or directory"},
		{data, "backup " + dir + "/b --data-dir " + nothing, "catalog.db: no such file or directory"},
		{nothing, "restore", "name one folder: pangaea restore DIR"},
		{nothing, "restore " + dir + "/none", "none: no such file or directory"},
		{nothing, "restore " + file, file + " is a file, and a backup is a folder"},
		{nothing, "restore " + dir, dir + " is no backup, or one that was interrupted"},
		{nothing, "restore " + nothing, "is in the data folder"},
	} {
		_, wrong, code := run(t, c.data, strings.Fields(c.args)...)
		require.Equal(t, 1, code, c.args)
		require.Contains(t, wrong, c.wrong, c.args)
		require.NotContains(t, wrong, "\n", c.args)
		require.NoDirExists(t, filepath.Join(dir, "b"), c.args)
	}
}

// A split has a folder for each process. What is done to one of them would be done to a part of the shop.
func TestSeveralFoldersAreNotBackedUp(t *testing.T) {
	t.Setenv("PANGAEA_TOPOLOGY", filepath.Join("..", "..", "deploy", "topologies", "local.yaml"))
	for _, args := range [][]string{{"backup", filepath.Join(t.TempDir(), "b")}, {"restore", t.TempDir(), "--replace"}} {
		_, wrong, code := run(t, t.TempDir(), args...)
		require.Equal(t, 1, code)
		require.Regexp(t, args[0]+" is for databases in one folder, and these are in .*catalog, .*shipping: stop the shop and copy all of them", wrong)
	}
}

func TestServersAreBackedUpByTheirOwnTools(t *testing.T) {
	data := stocked(t)
	t.Setenv("PANGAEA_ORDERING_DATABASE_URL", "postgres://canary@db.example/shop")
	for _, args := range [][]string{{"backup", filepath.Join(t.TempDir(), "b")}, {"restore", t.TempDir()}} {
		_, wrong, code := run(t, data, args...)
		require.Equal(t, 1, code)
		require.Contains(t, wrong, args[0]+" is for embedded databases, and those of ordering are on a server: docs/operations.md")
		require.NotContains(t, wrong, "canary")
	}
}
