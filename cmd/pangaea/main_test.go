package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What was mistyped must not look as if it had been done.
func TestWhatCannotBeDoneIsRefusedInOneLine(t *testing.T) {
	for _, c := range []struct {
		args  []string
		wrong string
		code  int
	}{
		{[]string{"chekc"}, `there is no command "chekc": pangaea --help lists those there are`, 1},
		{[]string{"staff", "reset"}, `there is no command "reset": pangaea staff --help lists those there are`, notBegun},
		{[]string{"database", "prepar"}, `there is no command "prepar": pangaea database --help lists those there are`, untouched},
		{[]string{"import", "retail"}, `there is no command "retail": pangaea import --help lists those there are`, notBegun},
		{[]string{"events", "reply"}, `there is no command "reply": pangaea events --help lists those there are`, notBegun},
		{[]string{"deadletters", "lst"}, `there is no command "lst": pangaea deadletters --help lists those there are`, notBegun},
		{[]string{"deadletters", "show"}, "name one letter by its ID, as pangaea deadletters list shows it", notBegun},
		{[]string{"deadletters", "edit", "a", "b"}, "name one letter by its ID, as pangaea deadletters list shows it", notBegun},
		{[]string{"import", "online-retail"}, "name the files with the sales lines: pangaea import online-retail FILE… [flags]", 1},
		{[]string{"move"}, "name one module: pangaea move MODULE --to PLACE --offline", untouched},
		{[]string{"move", "payments", "--to", "/tmp"}, "a module cannot be moved yet while it runs: stop the processes of payments, and say --offline", untouched},
		{[]string{"move", "payments", "--offline"}, "say with --to, PANGAEA_MOVE_TO or on the standard input where it should go", untouched},
		{[]string{"move", "payments", "--offline", "--to", "postgre://h/geheim"}, "a database URL begins with postgres:// or mysql://", untouched},
		{[]string{"move", "payments", "--offline", "--to", "x", "--output", "xml"}, `--output is text or json, not "xml"`, untouched},
		{[]string{"replay"}, "name the files with the sales lines: pangaea replay FILE… [flags]", 1},
	} {
		out, wrong, code := run(t, t.TempDir(), c.args...)
		require.Equal(t, c.wrong, wrong, c.args)
		require.Equal(t, c.code, code, c.args)
		require.Empty(t, out, c.args)
	}
	for _, args := range [][]string{{}, {"staff"}, {"database"}, {"import"}, {"events"}, {"deadletters"}} {
		out, wrong, code := run(t, t.TempDir(), args...)
		require.Zero(t, code, wrong)
		require.Contains(t, out, "Available Commands:", args)
	}
}

func TestAPasswordIsResetWhereThereIsAnAccount(t *testing.T) {
	reset := []string{"staff", "reset-password", "--email", "nobody@example.org"}
	_, wrong, code := run(t, stocked(t), reset...)
	require.Equal(t, "there is no such account: --email names an account of staff, and the first start of a shop makes the first one", wrong)
	require.Equal(t, 1, code)

	nowhere, empty := filepath.Join(t.TempDir(), "none"), t.TempDir()
	for _, dir := range []string{nowhere, empty} {
		_, wrong, code = run(t, dir, reset...)
		require.Contains(t, wrong, "there is no shop yet: ")
		require.Contains(t, wrong, dir)
		require.NotContains(t, wrong, "\n")
		require.Equal(t, notBegun, code)
	}
	require.NoDirExists(t, nowhere)
	left, err := os.ReadDir(empty)
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestWhoIsInterruptedSaysSo(t *testing.T) {
	data := stocked(t)
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	for _, args := range [][]string{
		{"check"},
		{"deadletters", "retry", "--all", "--yes"},
		{"events", "replay", "--from", "ordering", "--to", "shipping", "--since", "1h"},
		{"move", "payments", "--to", filepath.Join(t.TempDir(), "elsewhere"), "--offline"},
		{"database", "prepare", "--admin", "postgres://h/", "--out", filepath.Join(t.TempDir(), "x.yaml")},
	} {
		command := newCommand()
		command.SetArgs(append(args, "--data-dir", data))
		if args[0] == "database" {
			command.SetArgs(args)
		}
		err := command.ExecuteContext(ctx)
		require.EqualError(t, err, "interrupted: nothing has changed", args)
		require.Equal(t, 2, exitCode(err), args)
	}
}
