package retail

import (
	"cmp"
	"slices"
)

// A Report accounts for every line: accepted + set aside + refused = all, in lines and in pence.
type Report struct {
	Files    []File `json:"files"`
	Currency string `json:"currency"`

	Lines         int `json:"lines"`
	LinesAccepted int `json:"lines_accepted"`
	LinesSetAside int `json:"lines_set_aside"`
	LinesRefused  int `json:"lines_refused"`

	Value         int64 `json:"value_minor"`
	ValueAccepted int64 `json:"value_accepted_minor"`
	ValueSetAside int64 `json:"value_set_aside_minor"`
	ValueRefused  int64 `json:"value_refused_minor"`

	LinesWithoutValue int `json:"lines_without_value"` // refused, and quantity or price cannot be read: worth 0 here
	LinesRepeated     int `json:"lines_repeated"`      // equal to an earlier line of their invoice; they count like any other

	Reasons         []Reason  `json:"reasons"`
	Refusals        []Refusal `json:"refusals"` // the first of them
	RefusalsOmitted int       `json:"refusals_omitted"`
}

// A Reason says how many lines came to an outcome for it.
type Reason struct {
	Outcome Outcome `json:"outcome"`
	Reason  string  `json:"reason"`
	Lines   int     `json:"lines"`
	Value   int64   `json:"value_minor"`
}

// maxRefusals is how many refusals a report lists.
const maxRefusals = 10_000

// SetAside moves one returned line to those set aside: the shop turned out to have nothing to take back.
func (r *Report) SetAside(l ReturnLine, reason string) {
	for i := range r.Reasons {
		if r.Reasons[i].Outcome == Returned {
			r.Reasons[i].Lines--
			r.Reasons[i].Value -= l.Value
		}
	}
	r.LinesAccepted--
	r.ValueAccepted -= l.Value
	r.LinesSetAside++
	r.ValueSetAside += l.Value
	r.reason(SetAside, reason).Lines++
	r.reason(SetAside, reason).Value += l.Value
}

func (r *Report) reason(outcome Outcome, reason string) *Reason {
	i := slices.IndexFunc(r.Reasons, func(x Reason) bool { return x.Outcome == outcome && x.Reason == reason })
	if i < 0 {
		r.Reasons = append(r.Reasons, Reason{Outcome: outcome, Reason: reason})
		i = len(r.Reasons) - 1
	}
	return &r.Reasons[i]
}

// A tally counts while the files are read.
type tally struct {
	lines, repeated, withoutValue, omitted int
	reasons                                map[[2]string]*Reason
	refusals                               []Refusal
}

func newTally() tally { return tally{reasons: map[[2]string]*Reason{}} }

func (t *tally) count(outcome Outcome, reason string, value int64) {
	key := [2]string{string(outcome), reason}
	if t.reasons[key] == nil {
		t.reasons[key] = &Reason{Outcome: outcome, Reason: reason}
	}
	t.reasons[key].Lines++
	t.reasons[key].Value += value
}

func (t *tally) refuse(r *Refusal, worth *int64) {
	var value int64
	if worth != nil {
		value = *worth
	} else {
		t.withoutValue++
	}
	t.count(Refused, r.Reason, value)
	if len(t.refusals) == maxRefusals {
		t.omitted++
		return
	}
	t.refusals = append(t.refusals, *r)
}

func (t *tally) report(files []File) Report {
	r := Report{
		Files: files, Currency: Currency, LinesWithoutValue: t.withoutValue, LinesRepeated: t.repeated,
		Refusals: append([]Refusal{}, t.refusals...), RefusalsOmitted: t.omitted,
	}
	for _, reason := range t.reasons {
		r.Reasons = append(r.Reasons, *reason)
		r.Lines += reason.Lines
		r.Value += reason.Value
		switch reason.Outcome {
		case SetAside:
			r.LinesSetAside += reason.Lines
			r.ValueSetAside += reason.Value
		case Refused:
			r.LinesRefused += reason.Lines
			r.ValueRefused += reason.Value
		default:
			r.LinesAccepted += reason.Lines
			r.ValueAccepted += reason.Value
		}
	}
	slices.SortFunc(r.Reasons, byRule)
	return r
}

// byRule puts accepted lines first and refused ones last, and the most frequent first among each.
func byRule(x, y Reason) int {
	return cmp.Or(
		cmp.Compare(x.Outcome.rank(), y.Outcome.rank()), cmp.Compare(y.Lines, x.Lines), cmp.Compare(x.Reason, y.Reason),
	)
}

func (o Outcome) rank() int {
	return slices.Index([]Outcome{Sold, Charged, TakenOff, Returned, SetAside, Refused}, o)
}
