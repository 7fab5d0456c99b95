package main

import (
	"fmt"
	"io"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/deadletters"
)

// A letterReport says what was done.
type letterReport struct {
	Action deadletters.Verb    `json:"action"`
	DryRun bool                `json:"dry_run"`
	Chosen int                 `json:"chosen"`
	Behind int                 `json:"behind"` // wait behind those chosen, and follow
	Groups []deadletters.Group `json:"groups"`
	Done   int                 `json:"done"`
	Failed []letterFailure     `json:"failed"`
}

type letterFailure struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

func (r letterReport) text(out io.Writer) error {
	if r.DryRun && len(r.Groups) > 0 {
		if err := deadletters.Groups(out, r.Groups); err != nil {
			return err
		}
	}
	for _, f := range r.Failed {
		fmt.Fprintf(out, "%s: %s\n", f.ID, f.Error)
	}
	follow := ""
	if r.Behind > 0 {
		follow = fmt.Sprintf(" What waits behind: %d.", r.Behind)
	}
	var err error
	if r.DryRun {
		_, err = fmt.Fprintf(out, "Letters to %s: %d.%s Nothing was done: with IDs leave --dry-run out, with a filter say --yes.\n", r.Action, r.Chosen, follow)
	} else {
		_, err = fmt.Fprintf(out, "%s: %d of %d.%s\n", past[r.Action], r.Done, r.Done+len(r.Failed), follow)
	}
	return err
}

// past is what an action is called when it is done.
var past = map[deadletters.Verb]string{
	deadletters.Retry: "To be tried again", deadletters.Edit: "Edited and to be tried again", deadletters.Drop: "Dropped",
}
