// Package deadletters is what an operator has before them when something failed: the messages that inboxes
// have given up, with those behind them, and the tasks that were given up, of all modules in one list.
//
//	Office ─┬─ desk of ordering ──┬─ inbox.Letters
//	        ├─ desk of payments … ├─ tasks.Failed
//	        └─ …                  └─ audit.Log
//
// It looks into the modules' databases beside the process that runs on them. What is done to a letter is
// one unit of work together with an entry in the audit log of its module.
package deadletters

import (
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A Kind says what sort of letter one is.
type Kind string

// The kinds.
const (
	Message Kind = "message" // kept by an inbox
	Task    Kind = "task"    // of a queue
)

// The states of letters. Messages that wait are behind another, which Letter.Behind names, or their
// predecessor has not come.
const (
	Parked   = "parked"
	Retrying = "retrying"
	Waiting  = "waiting"
)

// A Letter is a message that an inbox keeps or a task that failed.
type Letter struct {
	ID          string            `json:"id"` // module/id: the event's or the task's
	Module      string            `json:"module"`
	Kind        Kind              `json:"kind"`
	State       string            `json:"state"`
	Name        string            `json:"name"` // the event's, or the task's kind
	Source      string            `json:"source,omitempty"`
	Key         string            `json:"key"`
	Number      int64             `json:"number,omitempty"` // of a message in its lane
	Behind      string            `json:"behind,omitempty"` // the ID of the letter that holds it up
	Attempts    int               `json:"attempts"`
	Error       string            `json:"error,omitempty"`
	Since       time.Time         `json:"since"` // when a message was received, a task given up
	Due         time.Time         `json:"due"`   // when a retrying one is tried again
	Trace       string            `json:"trace,omitempty"`
	Correlation string            `json:"correlation,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	Payload     string            `json:"payload"`
}

// own is the letter's id in its module.
func (l Letter) own() string {
	_, id := split(l.ID)
	return id
}

// split takes an ID apart. The module of one without is empty.
func split(id string) (module, own string) {
	if module, own, ok := strings.Cut(id, "/"); ok {
		return module, own
	}
	return "", id
}

func fromMessage(module string, m inbox.Letter) Letter {
	l := Letter{
		ID: module + "/" + m.ID, Module: module, Kind: Message, State: string(m.State), Name: m.Name,
		Source: m.Source, Key: m.Key, Number: m.Number, Attempts: m.Attempts, Error: m.Error,
		Since: m.ReceivedAt, Due: m.DueAt, Trace: m.Trace, Correlation: m.Correlation,
		Metadata: m.Metadata, Payload: m.Payload,
	}
	if m.Behind != "" {
		l.Behind = module + "/" + m.Behind
	}
	return l
}

func fromTask(module string, t tasks.Failed) Letter {
	return Letter{
		ID: module + "/" + t.ID, Module: module, Kind: Task, State: string(t.State), Name: t.Kind, Key: t.Key,
		Attempts: t.Attempt, Error: t.Error, Since: t.Since, Due: t.Due, Payload: string(t.Payload),
	}
}
