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
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
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
	t.Setenv("PANGAEA_BENCH_RABBITMQ_URL", "amqp://nobody:secret@127.0.0.1:1/")
	report := measure(t, "--databases", asked, "--duration", "300ms", "--clients", "4", "--rate", "20")
	if database == bench.SQLite {
		require.Len(t, report.Tables, 1, "what can be measured is")
		require.Len(t, report.Missing, 2)
		require.Contains(t, report.Missing[0], "PostgreSQL is not measured, PANGAEA_BENCH_POSTGRES_URL: no server can be reached")
		require.NotContains(t, report.Missing[0], "secret")
		require.NotContains(t, report.Missing[0], "\n")
	} else {
		require.Len(t, report.Missing, 1)
	}
	require.Nil(t, report.Split)
	require.Contains(t, report.Missing[len(report.Missing)-1], "the cost of a split is not measured, PANGAEA_BENCH_RABBITMQ_URL: no server can be reached: ")
	require.NotContains(t, report.Missing[len(report.Missing)-1], "secret")
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

// So does this one, of the shop in several forms.
func TestBenchOfASplit(t *testing.T) {
	if os.Getenv("PANGAEA_TEST_DATABASE") != bench.Postgres || !rabbitmqtest.Reachable() {
		t.Log("a split is measured on PostgreSQL and RabbitMQ")
		return
	}
	t.Setenv("PANGAEA_BENCH_POSTGRES_URL", databasetest.PostgresURL())
	t.Setenv("PANGAEA_BENCH_RABBITMQ_URL", rabbitmqtest.URL())
	report := measure(t, "--split", "--duration", "300ms", "--clients", "4")
	require.Empty(t, report.Missing)
	require.Empty(t, report.Tables)
	require.Len(t, report.Split.Forms, 4)
	goals := 0
	for _, row := range report.Split.Rows {
		require.Len(t, row.Figures, 4, row.What)
		for i, figure := range row.Figures {
			if runtime.GOOS == "linux" {
				gateway := row.What == "… of it through the gateway" || row.What == "… through one written by hand"
				unknown := gateway && i < 2 || row.What == "… of the broker" && i < 1
				require.Equal(t, unknown, figure == nil, "%s of %s", row.What, report.Split.Forms[i])
			}
			if row.What == "acknowledged orders that were lost" {
				require.Zero(t, *figure)
			}
		}
		if row.What == "processes" && runtime.GOOS == "linux" {
			require.Equal(t, []float64{1, 1, 3, 10}, []float64{*row.Figures[0], *row.Figures[1], *row.Figures[2], *row.Figures[3]})
		}
		if row.Goal != nil {
			goals++
		}
	}
	require.Equal(t, 7, goals)
	require.NotNil(t, report.Split.Relay.Shop)
	require.NotNil(t, report.Split.Relay.Reference)
	require.NotNil(t, report.Split.Relay.Goal)
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
	Split   *struct {
		Forms []string
		Relay struct {
			Shop, Reference *float64
			Goal            *struct{ Text string }
		}
		Rows []struct {
			What    string
			Figures []*float64
			Goal    *struct{ Text string }
		}
	}
	Tables []struct {
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
