package main

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain lets this test binary be the references too, which are the command itself in other processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		main()
		return
	}
	os.Exit(m.Run())
}

// It says nothing about speed, except that it can be measured.
func TestBenchMeasuresEveryRow(t *testing.T) {
	var out, progress bytes.Buffer
	command := newCommand()
	command.SetOut(&out)
	command.SetErr(&progress)
	command.SetArgs([]string{"bench", "--rounds", "1", "--duration", "300ms", "--clients", "4", "--rate", "20", "--starts", "1", "--output", "json"})
	require.NoError(t, command.Execute(), "%s", &progress)

	var report struct {
		Rows []struct {
			What            string
			Shop, Reference *float64
			Goal            *struct{ Text string }
		}
	}
	require.NoError(t, json.Unmarshal(out.Bytes(), &report))
	goals := 0
	for _, row := range report.Rows {
		if runtime.GOOS == "linux" { // others do not say what a process uses
			require.NotNil(t, row.Shop, row.What)
		}
		if row.Goal != nil {
			goals++
		}
		if row.What == "acknowledged orders that were lost" {
			require.Zero(t, *row.Shop)
		}
	}
	require.Equal(t, 7, goals)
}
