package contract

import (
	"slices"

	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// AsyncAPI describes events: a channel for each, on which its module sends the newest version and every
// module that the manifest names hears all versions there are.
func AsyncAPI(info Info, schemas []Schema, heard outbox.Manifest) Document {
	d := Document{
		AsyncAPI: "3.0.0", Info: info, DefaultContentType: "application/json",
		Channels:   map[string]channel{},
		Operations: map[string]operation{},
		Components: components{Messages: map[string]message{}, MessageTraits: map[string]trait{"envelope": sealed()}},
	}
	versions := map[string][]Schema{}
	for _, s := range slices.SortedFunc(slices.Values(schemas), func(a, b Schema) int { return a.Version - b.Version }) {
		versions[s.Event] = append(versions[s.Event], s)
	}
	for event, versions := range versions {
		d.describe(versions, heard[event])
	}
	return d
}

// describe adds an event. The last of its versions is the one that is announced.
func (d *Document) describe(versions []Schema, hearers []string) {
	s := versions[len(versions)-1]
	c := channel{Title: s.Event, Description: s.Description, Messages: map[string]ref{}, Tags: []tag{{s.Module()}}}
	if len(hearers) > 0 {
		address := "{subscriber}"
		c.Address = &address
		c.Parameters = map[string]parameter{"subscriber": {"A module that hears it. Each has one topic, named after it.", hearers}}
	}
	var messages []ref
	for _, v := range versions {
		d.Components.Messages[v.String()] = v.message(v.Version < s.Version)
		c.Messages[v.String()] = ref{"#/components/messages/" + v.String()}
		messages = append(messages, ref{"#/channels/" + v.Event + "/messages/" + v.String()})
	}
	d.Channels[s.Event] = c

	on := ref{"#/channels/" + s.Event}
	d.Operations[s.Event+".announced"] = operation{
		Action: "send", Summary: s.Module() + " announces " + s.Event, Channel: on, Messages: messages[len(messages)-1:], Tags: []tag{{s.Module()}},
	}
	for _, hearer := range hearers {
		d.Operations[s.Event+".heard-by-"+hearer] = operation{
			Action: "receive", Summary: hearer + " hears " + s.Event, Channel: on, Messages: messages, Tags: []tag{{hearer}},
		}
	}
}

func (s Schema) message(past bool) message {
	payload := *s.Schema
	payload.Version, payload.ID = "", "" // they are those of a document of its own
	return message{
		Name: s.Event, Title: s.String(), Summary: s.Description, Deprecated: past,
		Traits:  []ref{{"#/components/messageTraits/envelope"}},
		Headers: s.headers(), Payload: &payload,
	}
}
