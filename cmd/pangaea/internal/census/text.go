package census

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
)

// Text prints what was found, as a table.
func Text(out io.Writer, instances []Instance) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROCESS\tREPLICA\tADDRESS\tHOSTS\tVERSION\tSTATE")
	for _, i := range instances {
		replica, modules, version := "-", "-", "-"
		if i.Replica != 0 {
			replica = strconv.Itoa(i.Replica)
		}
		if i.Is != nil {
			modules, version = hosted(i.Is.Modules), cmp.Or(i.Is.Version, "-")
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", i.Process, replica, i.Address, modules, version, i.state())
	}
	return table.Flush()
}

func (i Instance) state() string {
	switch {
	case i.Error != "":
		return "not reachable"
	case i.Missing != "":
		return "not ready"
	}
	return "ready"
}
