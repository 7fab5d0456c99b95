package broker

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// A Report is what was done, or would be.
type Report struct {
	File    string
	Written string // what was done to the file, if anything
	Dry     bool
	Others  []string // what is not the shop's, in its virtual host
	rows    []row
}

type row struct {
	*member
	done string
}

const asItWas = "as it was"

// add says of a member what was missing, or too much.
func (r *Report) add(m *member, todo, astray rabbitmq.Definitions) {
	own := func(name string) bool { return name == m.module || strings.HasPrefix(name, m.module+".") }
	done := asItWas
	switch {
	case !m.there:
		done = "created"
	case m.fresh:
		done = "new password"
	case slices.ContainsFunc(todo.Users, func(u rabbitmq.User) bool { return u.Name == m.user }),
		slices.ContainsFunc(slices.Concat(todo.Grants, astray.Grants), func(g rabbitmq.Grant) bool { return g.User == m.user }),
		slices.ContainsFunc(astray.TopicGrants, func(g rabbitmq.TopicGrant) bool { return g.User == m.user }):
		done = "rights corrected"
	case slices.ContainsFunc(todo.Exchanges, func(e rabbitmq.Exchange) bool { return own(e.Name) }),
		slices.ContainsFunc(todo.Queues, func(q rabbitmq.Queue) bool { return own(q.Name) }),
		slices.ContainsFunc(todo.Bindings, func(b rabbitmq.Binding) bool { return own(b.Queue) }):
		done = "completed"
	}
	r.rows = append(r.rows, row{m, done})
}

// Text prints the report. It has no passwords.
func (r Report) Text(out io.Writer) error {
	did, changed := "DONE", 0
	if r.Dry {
		did = "WOULD BE"
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODULE\tUSER\tHEARS\t"+did)
	for _, row := range r.rows {
		if row.done != asItWas {
			changed++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", row.module, row.user, cmp.Or(strings.Join(row.sources, ", "), "nobody"), row.done)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if len(r.Others) > 0 {
		fmt.Fprintf(out, "\nNot the shop's, and left as it is:\n  %s\n", strings.Join(r.Others, "\n  "))
	}
	end := fmt.Sprintf("%s %s. Start the shop with PANGAEA_CONFIG=%s.", r.File, r.Written, r.File)
	switch {
	case r.Dry:
		end = "Nothing was done."
	case changed == 0 && r.Written == "":
		end = "Everything was there already: nothing was done."
	case r.Written == "":
		end = fmt.Sprintf("%s stays as it was.", r.File)
	}
	_, err := fmt.Fprintf(out, "\n%s\n", end)
	return err
}
