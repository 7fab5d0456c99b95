// Package envelope is the outside of a message: which event it carries, who says it, and where in its
// lane it stands.
//
// The attributes are those of CloudEvents 1.0, as Watermill metadata under fixed keys. Beside them
// travel what package telemetry carries along and the message's number in its lane, which is all
// deliveries of one key from one source to one destination.
package envelope

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/propagation"

	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

// The keys of a message's metadata.
const (
	SpecVersion = "ce-specversion"
	ID          = "ce-id"
	Source      = "ce-source" // the module that announces
	Type        = "ce-type"   // the event's name
	Subject     = "ce-subject"
	Time        = "ce-time"
	DataSchema  = "ce-dataschema" // names the payload's version
	ContentType = "ce-datacontenttype"
	Number      = "lane-number" // 1 for the first of its lane, without gaps
	Refused     = "refused"     // why who carried it does not believe what it says
)

// An Event is a fact that a module announces. Contract types are events without importing this package.
// An event whose payload has changed says so with a method EventVersion() int; without one it is 1.
type Event interface {
	EventName() string // its name on the wire, "<module>.<Fact>"
	EventKey() string  // what it is ordered by: the id of the aggregate
}

// Seal puts an event that source announces into a message. It has no number yet.
func Seal(ctx context.Context, source string, event Event, at time.Time) (*message.Message, error) {
	payload, err := json.Marshal(event)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", event.EventName(), err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", event.EventName(), err)
	}
	m := message.NewMessage(id.String(), payload)
	m.Metadata = message.Metadata{
		SpecVersion: "1.0",
		ID:          m.UUID,
		Source:      source,
		Type:        event.EventName(),
		Subject:     event.EventKey(),
		Time:        at.UTC().Format(time.RFC3339Nano),
		DataSchema:  Schema(event),
		ContentType: "application/json",
	}
	telemetry.Inject(ctx, propagation.MapCarrier(m.Metadata))
	if telemetry.Correlation(ctx) == "" {
		m.Metadata[telemetry.CorrelationID] = m.UUID
	}
	return m, nil
}

// A Label is what the inbox reads from a message.
type Label struct {
	ID     string // the event's
	Name   string // the event's
	Source string
	Key    string
	Number int64
}

// Read returns the label of a message, or an error if something is missing from it or it is not to be believed.
func Read(m *message.Message) (Label, error) {
	l := Label{ID: m.Metadata[ID], Name: m.Metadata[Type], Source: m.Metadata[Source], Key: m.Metadata[Subject]}
	if why := m.Metadata[Refused]; why != "" {
		return l, errors.New(why)
	}
	for name, value := range map[string]string{ID: l.ID, Type: l.Name, Source: l.Source, Subject: l.Key} {
		if value == "" {
			return l, fmt.Errorf("a message without %s", name)
		}
	}
	n, err := strconv.ParseInt(m.Metadata[Number], 10, 64)
	if err != nil || n < 1 {
		return l, fmt.Errorf("a message whose %s is %q", Number, m.Metadata[Number])
	}
	l.Number = n
	return l, nil
}

// Context returns ctx as the context of work that the message leads to.
func Context(ctx context.Context, m *message.Message) context.Context {
	ctx = telemetry.Extract(ctx, propagation.MapCarrier(m.Metadata))
	return telemetry.WithCausation(ctx, m.Metadata[ID])
}
