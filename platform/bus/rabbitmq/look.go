package rabbitmq

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A Standing is how it stands with a module in the broker.
type Standing struct {
	Waiting   int      // messages that nobody has taken
	GivenUp   int      // messages of which the same is true, after many deliveries in vain
	Listeners int      // subscriptions, of all processes
	Missing   []string // exchanges and queues that it should have; of bindings there is no asking
}

// Look finds out how it stands with a module. Everybody in a virtual host may ask that.
func (c *Carrier) Look(module string) (s Standing, err error) {
	layout := c.options.Layout(module)
	for _, e := range layout.Exchanges {
		err := c.listening.aside(func(ch *amqp.Channel) error {
			return ch.ExchangeDeclarePassive(e.Name, e.Kind, true, false, false, false, nil)
		})
		if err := s.found("exchange "+e.Name, err); err != nil {
			return s, err
		}
	}
	for _, q := range layout.Queues {
		var there amqp.Queue
		err := c.listening.aside(func(ch *amqp.Channel) (err error) {
			there, err = ch.QueueDeclarePassive(q.Name, true, false, false, false, nil)
			return err
		})
		if err := s.found("queue "+q.Name, err); err != nil {
			return s, err
		}
		if q.Name == c.options.dead(module) {
			s.GivenUp = there.Messages
		} else {
			s.Waiting, s.Listeners = there.Messages, there.Consumers
		}
	}
	return s, nil
}

// found notes what is missing, and returns any other error.
func (s *Standing) found(what string, err error) error {
	switch {
	case said(err, amqp.NotFound):
		s.Missing = append(s.Missing, what)
		return nil
	case err != nil:
		return fmt.Errorf("ask for %s: %w", what, err)
	}
	return nil
}
