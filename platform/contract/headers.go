package contract

import (
	"github.com/invopop/jsonschema"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

// sealed is what the envelopes of all messages have in common.
func sealed() trait {
	h := headers{Type: "object", Properties: jsonschema.NewProperties()}
	h.must(envelope.SpecVersion, "The version of CloudEvents.", jsonschema.Schema{Const: "1.0"})
	h.must(envelope.ID, "The event's id. A message that comes twice has it twice.", jsonschema.Schema{Format: "uuid"})
	h.must(envelope.Source, "The module that announces.", jsonschema.Schema{})
	h.must(envelope.Type, "The event's name.", jsonschema.Schema{})
	h.must(envelope.Subject, "The event's key. What has the same key arrives in order from one module at another.", jsonschema.Schema{})
	h.must(envelope.Time, "When it was announced.", jsonschema.Schema{Format: "date-time"})
	h.must(envelope.DataSchema, "The $id of the payload's schema, which ends with its version.", jsonschema.Schema{})
	h.must(envelope.ContentType, "What the payload is written in.", jsonschema.Schema{Const: "application/json"})
	h.must(envelope.Number, "1 for the first message of a key from one module to another, then 2, 3, … without gaps.", jsonschema.Schema{Pattern: "^[1-9][0-9]*$"})
	h.must(telemetry.CorrelationID, "The story that the event belongs to: the id of its first request or event.", jsonschema.Schema{})
	h.may(telemetry.CausationID, "The id of the event that led to this one.", jsonschema.Schema{})
	h.may("traceparent", "W3C trace context.", jsonschema.Schema{})
	h.may("tracestate", "W3C trace context.", jsonschema.Schema{})
	return trait{h.schema(), correlation{"All messages of one story have the same.", "$message.header#/" + telemetry.CorrelationID}}
}

// headers are what the envelope of one event says more precisely.
func (s Schema) headers() *jsonschema.Schema {
	h := headers{Type: "object", Properties: jsonschema.NewProperties()}
	h.may(envelope.Source, "", jsonschema.Schema{Const: s.Module()})
	h.may(envelope.Type, "", jsonschema.Schema{Const: s.Event})
	h.may(envelope.DataSchema, "", jsonschema.Schema{Const: string(s.ID)})
	return h.schema()
}

// headers are a schema in the making. All headers are text.
type headers jsonschema.Schema

func (h *headers) must(name, description string, text jsonschema.Schema) {
	h.may(name, description, text)
	h.Required = append(h.Required, name)
}

func (h *headers) may(name, description string, text jsonschema.Schema) {
	text.Type, text.Description = "string", description
	h.Properties.Set(name, &text)
}

func (h *headers) schema() *jsonschema.Schema { return (*jsonschema.Schema)(h) }
