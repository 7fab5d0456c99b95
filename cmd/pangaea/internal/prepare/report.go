package prepare

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// A Report is what was done, or would be.
type Report struct {
	File    string
	Written string // what was done to the file, if anything
	Dry     bool
	rows    []row
}

type row struct {
	*place
	change
}

func (r *Report) add(p *place, c change) { r.rows = append(r.rows, row{p, c}) }

func (c change) String() string {
	return [...]string{"as it was", "rights corrected", "new passwords", "created"}[c]
}

// Text prints the report. It has no passwords.
func (r Report) Text(out io.Writer) error {
	did, changed := "DONE", 0
	if r.Dry {
		did = "WOULD BE"
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "MODULE\tSCHEMA\tROLE\tROLE THAT MIGRATES\t"+did)
	for _, row := range r.rows {
		if row.change != unchanged {
			changed++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", row.module, row.schema, row.runtime.role, row.migrate.role, row.change)
	}
	if err := table.Flush(); err != nil {
		return err
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
