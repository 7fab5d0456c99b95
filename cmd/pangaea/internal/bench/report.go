package bench

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// A Report is what was measured.
type Report struct {
	System   string        `json:"system"`
	Rounds   int           `json:"rounds"`
	Duration time.Duration `json:"duration_ns"`
	Clients  int           `json:"clients"`
	Tables   []Table       `json:"tables"`
	Split    *SplitTable   `json:"split,omitempty"`
	Missing  []string      `json:"missing,omitempty"` // what was to be measured and could not be, and why
}

// A Table is what was measured on one kind of database.
type Table struct {
	Database string `json:"database"`
	About    string `json:"about"`
	Rows     []Row  `json:"rows"`
	Loads    Loads  `json:"loads"`
}

// Loads are the single measurements under full load, a column for each round.
type Loads struct {
	Shop []load `json:"shop"`
	Four []load `json:"reference_four"`
	Same []load `json:"reference_same"`
}

// A Row is one figure. Those that are not known are NaN, and null in JSON.
type Row struct {
	What      string `json:"what"`
	Unit      string `json:"unit"`
	Shop      number `json:"shop"`
	Reference number `json:"reference"`  // the four transactions without which there is no checkout
	Same      number `json:"same_steps"` // the product's own steps, without what the product is made of
	Goal      *Goal  `json:"goal,omitempty"`
}

// Ratio and SameRatio are the shop's figure over the references'.
func (r Row) Ratio() float64 { return float64(r.Shop / r.Reference) }

// SameRatio is the shop's figure over that of the reference with the same steps.
func (r Row) SameRatio() float64 { return float64(r.Shop / r.Same) }

// report puts together what was measured.
func (b *bench) report() *Report {
	r := &Report{System: system(), Rounds: b.Rounds, Duration: b.Duration, Clients: b.Clients, Missing: b.missing, Split: b.split.report()}
	for _, f := range b.fields {
		shop, four, same := b.results[f.shop], b.results[f.four], b.results[f.same]
		t := Table{Database: f.database, About: f.about, Loads: Loads{shop.loads, four.loads, same.loads}}
		for _, m := range measures {
			t.Rows = append(t.Rows, Row{
				What: m.what, Unit: m.unit, Goal: m.goalOn(f.database),
				Shop: number(m.figure(shop)), Reference: number(m.figure(four)), Same: number(m.figure(same)),
			})
		}
		r.Tables = append(r.Tables, t)
	}
	r.compare()
	for _, t := range r.Tables {
		for i, row := range t.Rows {
			if row.Goal != nil {
				t.Rows[i].Goal.Reached = row.Goal.reached(row)
			}
		}
	}
	return r
}

// compare sets the goal that the embedded shop has against the one on PostgreSQL, if both were measured.
func (r *Report) compare() {
	embedded, served := r.row(SQLite, completed), r.row(Postgres, completed)
	if embedded != nil && served != nil {
		embedded.Goal = atLeast("more than on PostgreSQL", float64(served.Shop))
	}
}

// row finds a figure; nil where it was not measured.
func (r *Report) row(database, what string) *Row {
	for _, t := range r.Tables {
		for i, row := range t.Rows {
			if t.Database == database && row.What == what {
				return &t.Rows[i]
			}
		}
	}
	return nil
}

// Missed are the rows whose goal was not reached.
func (t Table) Missed() (missed []Row) {
	for _, row := range t.Rows {
		if row.Goal != nil && !row.Goal.Reached {
			missed = append(missed, row)
		}
	}
	return missed
}

// system says where this was measured, and how busy others kept it at the end of it.
func system() string {
	text := fmt.Sprintf("%s %s/%s, %d processors", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		text += ", load " + strings.Join(strings.Fields(string(load))[:3], " ")
	}
	return text
}
