package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
)

// On makes handle the handler of its event. The handler runs inside a unit of work of its module's
// database together with the inbox record: it may run again, its effect counts once.
//
// The event is read as it is now, or through upcasters as it was before. Fields that are not known here
// are left out: whoever sends them may be a release ahead. A version that is not known is parked.
func On[E envelope.Event](handle func(ctx context.Context, event *E) error, older ...Upcaster) cqrs.GroupEventHandler {
	return handler[E]{handle, older}
}

type handler[E envelope.Event] struct {
	handle func(ctx context.Context, event *E) error
	older  upcasters
}

func (h handler[E]) NewEvent() any { return &arrival[E]{older: h.older} }

func (h handler[E]) Handle(ctx context.Context, event any) error {
	return h.handle(ctx, &event.(*arrival[E]).event)
}

// incoming is an event that is about to be read from a message, of whichever type.
type incoming interface {
	envelope.Named
	check() error
	read(m *message.Message) error
}

// An arrival is one of type E.
type arrival[E envelope.Event] struct {
	event E
	older upcasters
}

func (a *arrival[E]) EventName() string { return a.event.EventName() }

func (a *arrival[E]) check() error {
	return a.older.check(a.event, func(event any) bool { _, ok := event.(E); return ok })
}

func (a *arrival[E]) read(m *message.Message) error {
	version := envelope.VersionOf(m)
	switch _, known := a.older.from(version); {
	case version == envelope.Version(a.event):
		return json.Unmarshal(m.Payload, &a.event)
	case known:
		event, err := a.older.read(m.Payload, version)
		if err == nil {
			a.event = event.(E)
		}
		return err
	default:
		return fmt.Errorf("it comes as version %d, understood here: %s", version, a.versions())
	}
}

func (a *arrival[E]) versions() string {
	versions := []int{envelope.Version(a.event)}
	for _, u := range a.older {
		versions = append(versions, u.from.EventVersion())
	}
	slices.Sort(versions)
	return strings.Trim(fmt.Sprint(versions), "[]")
}

// reader tells Watermill's processor which handler a message is for, and what to hand to it.
type reader struct{}

func (reader) Name(event any) string { return event.(incoming).EventName() }

func (reader) NameFromMessage(m *message.Message) string { return m.Metadata[envelope.Type] }

// Unmarshal reads an event. What cannot be read now never will be.
func (reader) Unmarshal(m *message.Message, event any) error {
	if err := event.(incoming).read(m); err != nil {
		return inbox.Hopeless(fmt.Errorf("read %s: %w", m.Metadata[envelope.Type], err))
	}
	return nil
}

// Marshal is there because the processor's interface has it.
func (reader) Marshal(any) (*message.Message, error) {
	return nil, errors.New("events are announced with the outbox")
}
