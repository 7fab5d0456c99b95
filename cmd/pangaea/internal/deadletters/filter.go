package deadletters

import (
	"time"

	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// What of a Filter's State is more than one state.
const (
	Dead = ""    // parked, and those that wait behind such
	All  = "all" // everything that is kept or failed
)

// A Filter chooses letters. What is empty is not asked for.
type Filter struct {
	State         string // Dead, All or a state
	Event         string // messages of this event
	Source        string // messages from this module
	Kind          string // tasks of this kind
	Key           string
	Error         string    // a part of it, whatever the case of its letters
	Since, Before time.Time // Letter.Since at or after, and before
	After         string    // the ID of a letter; those after it
	Limit         int
}

// Chosen reports whether a filter asks for anything in particular.
func (f Filter) Chosen() bool {
	f.After, f.Limit = "", 0
	return f != Filter{}
}

// messages is the filter for an inbox; false where no message can be meant.
func (f Filter) messages() (inbox.LetterFilter, bool) {
	chosen := inbox.LetterFilter{
		Name: f.Event, Source: f.Source, Key: f.Key, Error: f.Error, Since: f.Since, Before: f.Before,
		After: f.After, Limit: f.Limit,
	}
	switch f.State {
	case Dead:
		chosen.Dead = true
	case All:
	default:
		chosen.State = inbox.State(f.State)
	}
	return chosen, f.Kind == ""
}

// tasks is the filter for a queue; false where no task can be meant.
func (f Filter) tasks() (tasks.Filter, bool) {
	chosen := tasks.Filter{
		Kind: f.Kind, Key: f.Key, Error: f.Error, Since: f.Since, Before: f.Before, After: f.After, Limit: f.Limit,
	}
	switch f.State {
	case Dead:
		chosen.State = tasks.Parked
	case All:
	default:
		chosen.State = tasks.State(f.State)
	}
	return chosen, f.Event == "" && f.Source == "" && f.State != Waiting
}
