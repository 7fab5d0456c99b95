package deadletters

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Verb is what can be done to a letter.
type Verb string

// The verbs.
const (
	Retry Verb = "retry"
	Edit  Verb = "edit" // and retry
	Drop  Verb = "drop"
)

// An Action is what somebody does to a letter, and why.
type Action struct {
	Verb     Verb
	Payload  []byte // the new one, to edit
	Operator string // as the audit log names them
	Reason   string
}

// Act does something to a letter as it was seen, and keeps in the audit log of its module who did what and
// why, and what was there before. One that changed meanwhile is only tried again, and neither edited nor
// dropped: it may not be what it was taken for.
func (o *Office) Act(ctx context.Context, seen Letter, a Action) error {
	if seen.Behind != "" {
		return fault.New(fault.Conflict, "%s waits behind %s: act on that", seen.ID, seen.Behind)
	}
	d, err := o.desk(seen.Module)
	if err == nil {
		err = d.write(ctx)
	}
	if err != nil {
		return err
	}
	ctx = auth.With(ctx, auth.Principal{Subject: a.Operator})
	return patiently(ctx, func() error {
		return d.writing.Do(ctx, func(ctx context.Context, _ *gorm.DB) error {
			found, err := d.find(ctx, seen.own())
			switch {
			case err != nil:
				return err
			case a.Verb != Retry && changed(seen, found):
				return fault.New(fault.Conflict, "%s has changed meanwhile: look at it again", seen.ID)
			}
			if err := d.act(ctx, found, a); err != nil {
				return err
			}
			return audit.New(d.writing).Detail(ctx, string(found.Kind)+"."+string(a.Verb), found.own(), "", a.details(found))
		})
	})
}

// patience is how long a database that is busy is asked again.
const patience = 30 * time.Second

func patiently(ctx context.Context, do func() error) error {
	for began := time.Now(); ; {
		err := do()
		if !fault.Is(err, fault.Unavailable) || time.Since(began) > patience {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return err
		}
	}
}

func changed(a, b Letter) bool {
	return a.Kind != b.Kind || a.State != b.State || a.Attempts != b.Attempts || a.Error != b.Error || a.Payload != b.Payload
}

func (d *desk) act(ctx context.Context, l Letter, a Action) error {
	var parts interface {
		Retry(ctx context.Context, id string) error
		Edit(ctx context.Context, id string, payload json.RawMessage) error
		Drop(ctx context.Context, id string) error
	} = d.inbox
	if l.Kind == Task {
		parts = d.queue
	}
	switch a.Verb {
	case Retry:
		return parts.Retry(ctx, l.own())
	case Edit:
		return parts.Edit(ctx, l.own(), a.Payload)
	default:
		return parts.Drop(ctx, l.own())
	}
}

// details are what the audit log keeps. Nothing that an action takes away is lost.
func (a Action) details(l Letter) map[string]string {
	details := map[string]string{"name": l.Name, "source": l.Source, "key": l.Key, "error": l.Error, "reason": a.Reason}
	if a.Verb != Retry {
		metadata, _ := json.Marshal(l.Metadata) // texts always can be
		details["metadata"], details["payload"] = string(metadata), l.Payload
		if !utf8.ValidString(l.Payload) {
			details["payload"], details["encoding"] = base64.StdEncoding.EncodeToString([]byte(l.Payload)), "base64"
		}
	}
	if a.Verb == Edit {
		details["edited"] = string(a.Payload)
	}
	maps.DeleteFunc(details, func(_, value string) bool { return value == "" })
	return details
}
