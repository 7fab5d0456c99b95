package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

type moved struct {
	From, To, Topology string
	Moved              bool
	Set                []struct{ Name, Value string }
	Unset, Others      []string
	Tables             []struct{ Table, Digest string }
}

func TestAMoveSaysWhichSettingsLeadToTheNewPlace(t *testing.T) {
	data, elsewhere := stocked(t), filepath.Join(t.TempDir(), "payments")
	out, wrong, code := run(t, data, "move", "payments", "--to", elsewhere, "--offline", "-o", "json")
	require.Zero(t, code, wrong)
	var m moved
	require.NoError(t, json.Unmarshal([]byte(out), &m), out)
	require.True(t, m.Moved)
	require.Equal(t, filepath.Join(data, "payments.db"), m.From)
	require.Equal(t, filepath.Join(elsewhere, "payments.db"), m.To)
	require.Equal(t, "data: "+elsewhere, m.Topology)
	require.Equal(t, []struct{ Name, Value string }{{"PANGAEA_DATA_DIR", elsewhere}}, m.Set)
	require.Equal(t, []string{"payments-provider"}, m.Others)
	require.NotEmpty(t, m.Tables)

	_, wrong, code = run(t, data, "migrate")
	require.Equal(t, 1, code)
	require.Contains(t, wrong, "payments has moved from here to "+m.To)
	_, wrong, code = run(t, data, "move", "payments", "--to", t.TempDir(), "--offline")
	require.Equal(t, untouched, code)
	require.Contains(t, wrong, "payments has moved from here to "+m.To)
}

// A password in the list of processes is one that everybody on the machine knows.
func TestAPlaceIsReadFromTheStandardInputOrTheEnvironment(t *testing.T) {
	data := stocked(t)
	t.Setenv("PANGAEA_DATA_DIR", data)
	asks := func(stdin string, flags ...string) string {
		command := newCommand()
		command.SetIn(bytes.NewBufferString(stdin))
		command.SetErr(&bytes.Buffer{})
		command.SetArgs(append([]string{"move", "payments", "--offline"}, flags...))
		err := command.Execute()
		require.Error(t, err)
		require.Equal(t, untouched, exitCode(err))
		require.NotContains(t, err.Error(), "geheim")
		return err.Error()
	}
	const nobody, owner = "postgres://shop:geheim@127.0.0.1:1/x", "postgres://owner:geheim@127.0.0.1:1/x"
	require.Contains(t, asks(nobody+"\n"+owner+"\n", "--to", "-"), "user=owner")
	require.Contains(t, asks(nobody, "--to", "-"), "user=shop")
	require.Contains(t, asks("elsewhere\n"+owner, "--to", "-"), "is for databases on a server")
	t.Setenv("PANGAEA_MOVE_TO", nobody)
	require.Contains(t, asks(""), "user=shop")
	t.Setenv("PANGAEA_MOVE_MIGRATE_TO", owner)
	require.Contains(t, asks(""), "user=owner")
	_, err := os.Stat("elsewhere")
	require.ErrorIs(t, err, os.ErrNotExist)
}
