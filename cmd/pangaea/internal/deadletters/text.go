package deadletters

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// Table writes letters for people, a line each.
func Table(out io.Writer, letters []Letter) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tSTATE\tSINCE\tATTEMPTS\tEVENT OR TASK\tKEY\tWHY")
	for _, l := range letters {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", plain(l.ID), l.State, moment(l.Since), l.Attempts, plain(l.Name), plain(l.Key), plain(l.why()))
	}
	return table.Flush()
}

// why is what a letter is kept for, in short.
func (l Letter) why() string {
	const most = 100
	switch {
	case l.Behind != "":
		return "behind " + l.Behind
	case l.State == Waiting:
		return "its predecessor has not come"
	}
	text, _, _ := strings.Cut(l.Error, "\n")
	if letters := []rune(text); len(letters) > most {
		text = string(letters[:most]) + " …"
	}
	return text
}

// Groups writes a tally for people.
func Groups(out io.Writer, groups []Group) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODULE\tEVENT OR TASK\tCOUNT\tERROR")
	for _, g := range groups {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\n", g.Module, plain(g.Name), g.Count, plain(g.Error))
	}
	return table.Flush()
}

// plain makes whatever others wrote safe for a terminal.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsPrint(r):
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		return unicode.ReplacementChar
	}, text)
}

func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }
