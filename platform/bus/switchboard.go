package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// A switchboard has each module of a process speak and hear over a carrier of its own.
type switchboard struct{ lines map[string]carrier }

// line is the carrier of a module.
func (s *switchboard) line(module string) (carrier, error) {
	if c, ok := s.lines[module]; ok {
		return c, nil
	}
	return nil, fmt.Errorf("%s cannot reach the other modules, which have a message server: %s and PANGAEA_BUS_URL are empty", module, ownSetting(module))
}

// Publish sends messages over the carrier of whose they are, until one fails.
func (s *switchboard) Publish(topic string, messages ...*message.Message) error {
	for _, m := range messages {
		c, err := s.line(m.Metadata[envelope.Source])
		if err == nil {
			err = c.Publish(topic, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Subscribe returns what comes for the module that the topic names over its carrier.
func (s *switchboard) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	c, err := s.line(topic)
	if err != nil {
		return nil, err
	}
	return c.Subscribe(ctx, topic)
}

// Introduce tells the carrier of a module that it is going to speak.
func (s *switchboard) Introduce(module string) error {
	c, err := s.line(module)
	if carrier, ok := c.(introducer); ok {
		err = carrier.Introduce(module)
	}
	return err
}

// Close closes all carriers.
func (s *switchboard) Close() error {
	var failed []error
	for _, c := range s.lines {
		failed = append(failed, c.Close()) // those of several modules are closed several times
	}
	return errors.Join(failed...)
}
