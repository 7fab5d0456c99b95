package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/census"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/layout"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// A topologyCheck is what the command line says of a check.
type topologyCheck struct {
	whereabouts
	file    string
	offline bool
	timeout time.Duration
}

func checkTopology() *cobra.Command {
	var run topologyCheck
	command := &cobra.Command{
		Use:   "check",
		Short: "Compare the topology with the shop, and with the processes that run",
		Long: `First whether the shop can run as the file says: every module has one process, whoever is asked has an address
for that, databases allow the replicas, and events have a way. Then every address is asked what is there: what
hosts other modules, is of another version, was started with another file, is not ready or does not answer; and a
RabbitMQ, how many listen to each module.

The exit code is 0 if all is as the file says, 1 if something is not, with a line for each, 2 if the file could not be
read.`,
		Example: `  pangaea topology check --topology deploy/topologies/split.yaml
  pangaea topology check --offline -o json`,
		Args: begins(cobra.NoArgs),
		RunE: func(command *cobra.Command, _ []string) error {
			ctx, stop := untilInterrupted(command)
			defer stop()
			report, err := run.check(ctx)
			if err == nil {
				out := command.OutOrStdout()
				err = run.tell(out, report, func() error { return report.text(out) })
			}
			if err != nil {
				return ending(couldNotLook, unchanged(ctx, err))
			}
			return report.verdict()
		},
	}
	topologyFlag(command, &run.file)
	run.format(command)
	command.Flags().BoolVar(&run.offline, "offline", false, "look at the file alone, and ask nobody")
	command.Flags().DurationVar(&run.timeout, "timeout", 5*time.Second, "how long a process may take to answer")
	return command
}

// A topologyReport says what is not as it should be.
type topologyReport struct {
	File        string            `json:"file"`
	Offline     bool              `json:"offline"`
	Problems    []string          `json:"problems"`    // that the file has
	Instances   []census.Instance `json:"instances"`   // that were asked
	Differences []string          `json:"differences"` // between the file and what runs
}

func (c *topologyCheck) check(ctx context.Context) (report topologyReport, err error) {
	if err := c.whereabouts.check(); err != nil {
		return report, err
	}
	if c.timeout <= 0 {
		return report, fmt.Errorf("--timeout is above zero, not %s", c.timeout)
	}
	plan, err := planned(c.file)
	if err != nil {
		return report, err
	}
	report = topologyReport{
		File: plan.Topology.Path, Offline: c.offline,
		Problems: append([]string{}, plan.Problems()...), Instances: []census.Instance{}, Differences: []string{},
	}
	if c.offline {
		return report, nil
	}
	report.Instances = census.Take(ctx, plan.Topology, c.timeout)
	report.Differences = append(report.Differences, census.Differences(plan.Topology, report.Instances)...)
	report.Differences = append(report.Differences, strangers(plan)...)
	return report, ctx.Err()
}

// strangers are found by a RabbitMQ: more listen to a module there than the file has replicas of its process. One
// that cannot be asked about a module is not asked about others.
func strangers(plan layout.Plan) (found []string) {
	for _, p := range plan.Topology.Processes() {
		settings, err := plan.Settings(p)
		if err != nil {
			continue // that is a problem of the file
		}
		addresses, err := bus.AddressesOf(settings, plan.Manifest)
		if err != nil {
			continue // likewise
		}
		for _, module := range p.Modules {
			address := addresses.Of(module)
			if layout.Product(address) != "RabbitMQ" || len(plan.Manifest.HeardBy(module)) == 0 {
				continue
			}
			standing, err := lookAt(address, module, rabbitmq.Options{Sources: plan.Manifest.Sources})
			switch {
			case err != nil:
				return append(found, fmt.Sprintf("%s: the broker cannot be asked who listens: %s", module, err))
			case standing.Listeners > p.Replicas:
				found = append(found, fmt.Sprintf("%s: %d processes listen to its queue, and the file has %d: stop the one that is not in it", module, standing.Listeners, p.Replicas))
			}
		}
	}
	return found
}

func (r topologyReport) text(out io.Writer) error {
	if len(r.Instances) > 0 {
		if err := census.Text(out, r.Instances); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	for _, list := range [][]string{r.Problems, r.Differences} {
		for _, line := range list {
			fmt.Fprintln(out, line)
		}
	}
	if len(r.Problems)+len(r.Differences) > 0 {
		return nil
	}
	done := "The shop runs as " + r.File + " says."
	if r.Offline {
		done = "The shop can run as " + r.File + " says."
	}
	_, err := fmt.Fprintln(out, done)
	return err
}

// verdict is an error if something is not as it should be.
func (r topologyReport) verdict() error {
	switch problems, differences := len(r.Problems), len(r.Differences); {
	case problems > 0:
		return fmt.Errorf("the shop cannot run as %s says: mend the file or the settings", r.File)
	case differences > 0:
		return fmt.Errorf("what runs is not what %s says", r.File)
	}
	return nil
}
