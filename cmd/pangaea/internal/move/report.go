package move

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/pangaea-shop/pangaea/platform/database"
)

// A Report is what was moved, or would be.
type Report struct {
	Module   string    `json:"module"`
	From     string    `json:"from"`
	To       string    `json:"to"`
	DryRun   bool      `json:"dry_run"`
	Moved    bool      `json:"moved"`
	Tables   []Table   `json:"tables"` // none if an earlier run has copied them
	Rows     int64     `json:"rows"`
	Bytes    int64     `json:"bytes"`
	Seconds  float64   `json:"expected_seconds,omitempty"` // of a move that is only looked at
	Set      []Setting `json:"set,omitempty"`              // what leads to the new place
	Unset    []string  `json:"unset,omitempty"`            // what would lead elsewhere
	Topology string    `json:"topology,omitempty"`         // the line of a process in the topology file that does the same
	Others   []string  `json:"others,omitempty"`           // databases beside the module's, which stay where they are
}

// A Table is what was read at the source and, if the report says that it moved, at the target.
type Table struct {
	Name   string `json:"table"`
	Rows   int64  `json:"rows"`
	Digest string `json:"digest"`
}

// A Setting is one, without its password.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// add notes what is in the source, and guesses from the time it took to read how long a move takes: it reads twice,
// and writes.
func (r *Report) add(contents []database.Content, took time.Duration) {
	for _, c := range contents {
		r.Tables = append(r.Tables, Table{c.Table, c.Rows, c.Digest()})
		r.Rows += c.Rows
		r.Bytes += c.Bytes
	}
	if r.DryRun {
		r.Seconds = (10 * took).Round(100 * time.Millisecond).Seconds()
	}
}

// Text prints the report. It has no passwords.
func (r Report) Text(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if len(r.Tables) > 0 {
		fmt.Fprintln(table, "TABLE\tROWS\tDIGEST")
		for _, t := range r.Tables {
			fmt.Fprintf(table, "%s\t%d\t%.16s…\n", t.Name, t.Rows, t.Digest)
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	var err error
	say := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(out, format+"\n", args...)
		}
	}
	say("")
	switch {
	case r.DryRun && len(r.Tables) == 0:
		say("%s has left %s, and only the end of its move to %s is missing. Nothing was done.", r.Module, r.From, r.To)
	case r.DryRun:
		say("%s would move from %s to %s: %d rows, %.1f MB, about %.1f s. Nothing was done.", r.Module, r.From, r.To, r.Rows, float64(r.Bytes)/1e6, r.Seconds)
	case len(r.Tables) == 0:
		say("%s has moved from %s to %s: an earlier run had copied and compared everything.", r.Module, r.From, r.To)
	default:
		say("%s has moved from %s to %s: %d rows, and the digests of all tables agree.", r.Module, r.From, r.To, r.Rows)
	}
	if r.Moved {
		say("The old copy is kept, and nothing starts on it. Before you start %s:", r.Module)
		for _, s := range r.Set {
			say("  set    %s=%s", s.Name, s.Value)
		}
		for _, name := range r.Unset {
			say("  unset  %s", name)
		}
		say("or have its process in the topology file say %s.", r.Topology)
	}
	for _, other := range r.Others {
		say("%s is a database of its own and stays where it is: pangaea move %s takes it along.", other, other)
	}
	return err
}
