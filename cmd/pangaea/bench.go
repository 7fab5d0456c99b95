package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/bench/reference"
)

func benchCommand() *cobra.Command {
	var options bench.Options
	var output string
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure the shop against references from the same run",
		Long: `Builds the monolith, runs it and two references on empty databases, orders from all of them in turns,
and prints the goals with what was reached. docs/performance.md says how to read it.

On the PostgreSQL server of PANGAEA_BENCH_POSTGRES_URL it creates databases whose names begin with
pangaea_t_bench_, and drops them. On the RabbitMQ of PANGAEA_BENCH_RABBITMQ_URL it does so with virtual hosts, by
rabbitmqctl on this machine, to measure the shop as one process and as many.`,
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if output != "text" && output != "json" {
				return fmt.Errorf("--output is %q: text or json", output)
			}
			if known := []string{bench.SQLite, bench.Postgres}; !eachOnce(options.Databases, known) {
				return fmt.Errorf("--databases is %q: sqlite, postgres or both", strings.Join(options.Databases, ","))
			}
			options.PostgresURL = cmp.Or(os.Getenv("PANGAEA_BENCH_POSTGRES_URL"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")
			options.RabbitMQURL = cmp.Or(os.Getenv("PANGAEA_BENCH_RABBITMQ_URL"), "amqp://guest:guest@127.0.0.1:5672/")
			ctx, stop := untilInterrupted(command)
			defer stop()
			options.Progress = command.ErrOrStderr()
			report, err := bench.Run(ctx, options)
			if err != nil {
				return err
			}
			if output == "json" {
				encoder := json.NewEncoder(command.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(report)
			}
			return report.Text(command.OutOrStdout())
		},
	}
	flags := command.Flags()
	flags.StringSliceVar(&options.Databases, "databases", []string{bench.SQLite, bench.Postgres}, "to measure on")
	flags.IntVar(&options.Rounds, "rounds", 3, "how often everything is measured")
	flags.DurationVar(&options.Duration, "duration", 3*time.Second, "of one measurement")
	flags.IntVar(&options.Clients, "clients", 64, "that order at the same time")
	flags.IntVar(&options.Rate, "rate", 100, "orders per second where the time of a checkout is measured")
	flags.IntVar(&options.Starts, "starts", 5, "how often each server is started")
	flags.BoolVar(&options.Split, "split", false, "measure nothing but the cost of a split")
	flags.StringVar(&options.Monolith, "monolith", "", "program to measure (default: built from the source here)")
	flags.StringVar(&options.Profile, "cpu-profile", "", "file for a profile of the shop under full load; of several databases each has its own, with its name in it")
	flags.StringVarP(&output, "output", "o", "text", "text or json")
	command.AddCommand(benchReferenceCommand())
	return command
}

// eachOnce reports whether some are named, all of them known, and none twice.
func eachOnce(names, known []string) bool {
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] || !slices.Contains(known, name) {
			return false
		}
		seen[name] = true
	}
	return len(names) > 0
}

func benchReferenceCommand() *cobra.Command {
	var options reference.Options
	var before string
	command := &cobra.Command{
		Use:    "reference",
		Short:  "Be what the shop is compared with",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := untilInterrupted(command)
			defer stop()
			if before == "" {
				return reference.Serve(ctx, options)
			}
			to, err := url.Parse(before)
			if err != nil || to.Scheme != "http" || to.Host == "" {
				return fmt.Errorf("--before is %q: a URL such as http://127.0.0.1:8080", before)
			}
			return reference.Pass(ctx, options.Addr, to)
		},
	}
	command.Flags().StringVar(&options.Steps, "steps", reference.Four, "four or same")
	command.Flags().StringVar(&options.URL, "database-url", "", "PostgreSQL database; empty: files in the folder")
	command.Flags().StringVar(&options.Dir, "dir", "", "folder of the database files")
	command.Flags().StringVar(&before, "before", "", "be a gateway that passes on to this URL, and no shop")
	command.Flags().StringVar(&options.Addr, "addr", "127.0.0.1:0", "where to listen")
	return command
}
