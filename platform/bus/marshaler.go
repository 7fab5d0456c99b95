package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
)

// Marshaler turns events into messages and back, for Watermill's CQRS components: JSON with the
// attributes of CloudEvents, named as the events name themselves.
type Marshaler struct{ Source string }

// Marshal seals an event that Source announces.
func (m Marshaler) Marshal(event any) (*message.Message, error) {
	e, ok := event.(envelope.Event)
	if !ok {
		return nil, fmt.Errorf("%T is not an event: it needs EventName and EventKey", event)
	}
	return envelope.Seal(context.Background(), m.Source, e, time.Now())
}

// Unmarshal reads an event. What cannot be read now never will be.
func (Marshaler) Unmarshal(m *message.Message, event any) error {
	if had, want := envelope.VersionOf(m), envelope.Version(event); had != want {
		return inbox.Hopeless(fmt.Errorf("%s comes as version %d, only %d is understood here", m.Metadata[envelope.Type], had, want))
	}
	if err := json.Unmarshal(m.Payload, event); err != nil {
		return inbox.Hopeless(fmt.Errorf("payload of %s: %w", m.Metadata[envelope.Type], err))
	}
	return nil
}

// Name is the event's name on the wire.
func (Marshaler) Name(event any) string {
	if e, ok := event.(envelope.Event); ok {
		return e.EventName()
	}
	return fmt.Sprintf("%T", event)
}

// NameFromMessage is the name of the event that a message carries.
func (Marshaler) NameFromMessage(m *message.Message) string { return m.Metadata[envelope.Type] }
