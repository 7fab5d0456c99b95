package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A replayReport says what a replay has found and done.
type replayReport struct {
	From      string     `json:"from"`
	To        string     `json:"to"`
	Events    []string   `json:"events"`
	Since     *time.Time `json:"since,omitempty"`
	Before    *time.Time `json:"before,omitempty"`
	DryRun    bool       `json:"dry_run"`
	Kept      int64      `json:"kept"`
	Addressed int64      `json:"addressed"` // to the module already
	ToDo      int64      `json:"to_do"`
	Late      int64      `json:"late"`             // of those to do: come after later events of their key
	Deleted   int64      `json:"deleted"`          // events that are kept no longer, of any name and any time
	Oldest    *time.Time `json:"oldest,omitempty"` // nothing that occurred since then was deleted
	Complete  bool       `json:"complete"`         // nothing that was asked for was deleted
	Replayed  int64      `json:"replayed"`
}

func newReplayReport(r *eventReplay, s outbox.Survey) replayReport {
	some := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	return replayReport{
		From: r.from, To: r.to, Events: r.filter.Names, Since: some(r.filter.Since), Before: some(r.filter.Before), DryRun: r.dry,
		Kept: s.Kept, Addressed: s.Addressed, ToDo: s.ToDo(), Late: s.Late, Deleted: s.Deleted, Oldest: some(s.Oldest),
		Complete: s.Deleted == 0 || !s.Oldest.IsZero() && !r.filter.Since.Before(s.Oldest),
	}
}

// survey tells people what is there before anything is done.
func (r replayReport) survey(out io.Writer) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "kept\t%d\tof %s\n", r.Kept, strings.Join(r.Events, ", "))
	fmt.Fprintf(table, "addressed\t%d\tto %s already\n", r.Addressed, r.To)
	fmt.Fprintf(table, "to do\t%d\n", r.ToDo)
	if r.Late > 0 {
		fmt.Fprintf(table, "late\t%d\tof those to do: %s was told later events of the same keys before\n", r.Late, r.To)
	}
	if !r.Complete {
		fmt.Fprintf(table, "deleted\t%d\tevents of %s in all, by their age; %s\n", r.Deleted, r.From, r.reach())
	}
	return table.Flush()
}

// reach says from when on events are still there.
func (r replayReport) reach() string {
	if r.Oldest == nil {
		return "it cannot be said since when none is missing"
	}
	return "what occurred before " + r.Oldest.Format(time.RFC3339) + " may be among them and cannot be replayed"
}

// end tells people what was done.
func (r replayReport) end(out io.Writer) error {
	text := "Nothing was done."
	switch {
	case r.Replayed > 0:
		text = fmt.Sprintf("Addressed to %s: %d. The running shop delivers them, or the next one that starts.", r.To, r.Replayed)
	case r.ToDo == 0:
		text = "There is nothing to do."
	}
	_, err := fmt.Fprintln(out, text)
	return err
}
