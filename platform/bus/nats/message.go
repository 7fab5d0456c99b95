package nats

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// messageID is the header with the id of a message. It is not Nats-Msg-Id, by which the server would leave out what
// it has seen before.
const messageID = "message-id"

// sealed is a message as the server carries it: metadata are headers, the attributes of an event those that
// CloudEvents has for NATS.
func sealed(subject string, m *message.Message) *nats.Msg {
	carried := &nats.Msg{Subject: subject, Data: m.Payload, Header: nats.Header{messageID: {escaped(m.UUID)}}}
	for key, value := range m.Metadata {
		carried.Header[key] = []string{escaped(value)}
	}
	return carried
}

// unsealed is a message as it was published. What was said to the server alone is left out.
func unsealed(carried jetstream.Msg) *message.Message {
	m := message.NewMessage("", carried.Data())
	for key, values := range carried.Headers() {
		switch {
		case key == messageID:
			m.UUID = unescaped(values[0])
		case !strings.HasPrefix(key, "Nats-"):
			m.Metadata[key] = unescaped(values[0])
		}
	}
	return m
}

// escaped is text as a header can carry it: with percent signs, as CloudEvents has it.
func escaped(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if c := text[i]; c <= ' ' || c > '~' || c == '"' || c == '%' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// unescaped is what was escaped. A stranger's text may not have been.
func unescaped(text string) string {
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}
