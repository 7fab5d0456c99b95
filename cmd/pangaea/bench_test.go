package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// TestMain lets this test binary be the references too, which are the command itself in other processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "bench" {
		main()
		return
	}
	os.Exit(m.Run())
}

// It says nothing about speed, except that it can be measured, and what cannot be.
func TestBenchMeasuresEveryRow(t *testing.T) {
	database, asked, goals := bench.SQLite, "postgres,sqlite", 5 // that it is faster than on a server is said where both are measured
	t.Setenv("PANGAEA_BENCH_POSTGRES_URL", "postgres://nobody:secret@127.0.0.1:1/nothing")
	if os.Getenv("PANGAEA_TEST_DATABASE") == bench.Postgres {
		database, asked, goals = bench.Postgres, bench.Postgres, 7
		t.Setenv("PANGAEA_BENCH_POSTGRES_URL", databasetest.PostgresURL())
	}
	report := measure(t, "--databases", asked, "--duration", "300ms", "--clients", "4", "--rate", "20")
	if database == bench.SQLite {
		require.Len(t, report.Tables, 1, "what can be measured is")
		require.Len(t, report.Missing, 1)
		require.Contains(t, report.Missing[0], "PostgreSQL is not measured, PANGAEA_BENCH_POSTGRES_URL: no server can be reached")
		require.NotContains(t, report.Missing[0], "secret")
		require.NotContains(t, report.Missing[0], "\n")
	} else {
		require.Empty(t, report.Missing)
	}
	for _, row := range report.Tables[0].Rows {
		if runtime.GOOS == "linux" && row.Unit != "" { // others do not say what a process uses
			require.Equal(t, row.What == "… of the database server for it" && database == bench.SQLite, row.Shop == nil, row.What)
		}
		if row.Goal != nil {
			goals--
		}
		if row.What == "acknowledged orders that were lost" {
			require.Zero(t, *row.Shop)
		}
	}
	require.Zero(t, goals, "goals too few")
}

func TestBenchNeedsSomethingToMeasure(t *testing.T) {
	t.Setenv("PANGAEA_BENCH_POSTGRES_URL", "postgres://nobody:secret@127.0.0.1:1/nothing")
	command := newCommand()
	command.SetErr(io.Discard)
	command.SetArgs([]string{"bench", "--databases", "postgres", "--monolith", "unused"})
	require.ErrorContains(t, command.Execute(), "no server can be reached", "where there is nothing else to measure")
}

type benchReport struct {
	Missing []string
	Tables  []struct {
		Rows []struct {
			What, Unit      string
			Shop, Reference *float64
			Goal            *struct{ Text string }
		}
	}
}

func measure(t *testing.T, args ...string) (report benchReport) {
	t.Helper()
	var out, progress bytes.Buffer
	command := newCommand()
	command.SetOut(&out)
	command.SetErr(&progress)
	command.SetArgs(append([]string{"bench", "--rounds", "1", "--starts", "1", "--output", "json"}, args...))
	require.NoError(t, command.Execute(), "%s", &progress)
	require.NoError(t, json.Unmarshal(out.Bytes(), &report))
	return report
}
