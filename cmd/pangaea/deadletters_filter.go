package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
)

// letterFilter is a choice of letters as flags make it.
type letterFilter struct {
	deadletters.Filter
	module, since, before string
}

func (f *letterFilter) flags(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&f.module, "module", "", "of this module, such as payments")
	flags.StringVar(&f.Event, "event", "", "messages of this event, such as ordering.OrderPaid")
	flags.StringVar(&f.Kind, "kind", "", "tasks of this kind")
	flags.StringVar(&f.Source, "source", "", "messages from this module")
	flags.StringVar(&f.Key, "key", "", "about this, such as the id of an order")
	flags.StringVar(&f.State, "state", "", "parked, retrying, waiting or all (default: what was given up, and when listing what waits behind it)")
	flags.StringVar(&f.Error, "error", "", "with this in the error")
	flags.StringVar(&f.since, "since", "", "since a time, a date (UTC) or so long ago, such as 2h or 7d")
	flags.StringVar(&f.before, "before", "", "before such a time")
}

// read completes the filter.
func (f *letterFilter) read() (err error) {
	if !slices.Contains([]string{deadletters.Dead, deadletters.Parked, deadletters.Retrying, deadletters.Waiting, deadletters.All}, f.State) {
		return fmt.Errorf("--state is parked, retrying, waiting or all, not %q", f.State)
	}
	f.Since, f.Before, err = span(f.since, f.before)
	return err
}

// span reads the flags --since and --before.
func span(since, before string) (from, to time.Time, err error) {
	now := time.Now()
	if from, err = moment(since, now); err != nil {
		return from, to, fmt.Errorf("--since is %q: %w", since, err)
	}
	if to, err = moment(before, now); err != nil {
		return from, to, fmt.Errorf("--before is %q: %w", before, err)
	}
	if !to.IsZero() && !from.Before(to) {
		return from, to, fmt.Errorf("--since %s is not before --before %s: nothing can be between them", since, before)
	}
	return from, to, nil
}

// moment reads a time, a date, or how long ago it was. Nothing is the zero time.
func moment(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	ago, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int
		n, err = strconv.Atoi(days)
		ago = time.Duration(n) * 24 * time.Hour
	}
	if err != nil || ago < 0 || ago > 100*365*24*time.Hour {
		return time.Time{}, fmt.Errorf("must be a time such as %s, a date such as %s (UTC) or how long ago, such as 2h or 7d",
			now.UTC().Format(time.RFC3339), now.UTC().Format(time.DateOnly))
	}
	return now.Add(-ago).UTC(), nil
}
