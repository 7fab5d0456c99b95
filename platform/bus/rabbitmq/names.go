package rabbitmq

import (
	"fmt"
	"math"

	amqp "github.com/rabbitmq/amqp091-go"
)

// names are what things are called in the broker.
type names struct {
	prefix     string
	deliveries int
}

func (o Options) names() names { return names{o.Prefix, o.Deliveries} }

// exchange is what a source publishes to.
func (n names) exchange(source string) string { return n.prefix + source }

// queue is where messages for a destination wait.
func (n names) queue(destination string) string { return n.prefix + destination }

// dead is the queue, and the exchange before it, of what the broker gave up delivering from the other one.
func (n names) dead(destination string) string { return n.queue(destination) + ".dead" }

// declareSource declares what source publishes to.
func (n names) declareSource(ch *amqp.Channel, source string) error {
	if err := ch.ExchangeDeclare(n.exchange(source), amqp.ExchangeDirect, true, false, false, false, nil); err != nil {
		return fmt.Errorf("declare exchange %s: %w", n.exchange(source), err)
	}
	return nil
}

// missed returns an error if a queue of destination is not there.
func (n names) missed(ch *amqp.Channel, destination string) error {
	for _, queue := range []string{n.queue(destination), n.dead(destination)} {
		if _, err := ch.QueueDeclarePassive(queue, true, false, false, false, nil); err != nil {
			return fmt.Errorf("queue %s is not there: %w", queue, err)
		}
	}
	return nil
}

// declareQueues declares where messages for destination wait.
func (n names) declareQueues(ch *amqp.Channel, destination string) error {
	queue, dead := n.queue(destination), n.dead(destination)
	err := ch.ExchangeDeclare(dead, amqp.ExchangeFanout, true, false, false, false, nil)
	if err == nil {
		_, err = ch.QueueDeclare(dead, true, false, false, false, amqp.Table{
			amqp.QueueTypeArg:  amqp.QueueTypeQuorum,
			"x-delivery-limit": math.MaxInt32, // newer brokers have a limit of 20 of their own, and drop what reaches it
		})
	}
	if err == nil {
		_, err = ch.QueueDeclare(queue, true, false, false, false, amqp.Table{
			amqp.QueueTypeArg:        amqp.QueueTypeQuorum,
			"x-delivery-limit":       n.deliveries,
			"x-dead-letter-exchange": dead,
			"x-dead-letter-strategy": "at-least-once",  // by default some may get lost on the way
			"x-overflow":             "reject-publish", // without which the strategy is not to be had
		})
	}
	if err != nil {
		return fmt.Errorf("declare queue %s: %w", queue, err)
	}
	return nil
}

// bind binds the queues of destination to what the sources publish to, which it declares where it is not there yet.
func (n names) bind(ch *amqp.Channel, destination string, sources []string) error {
	queue, dead := n.queue(destination), n.dead(destination)
	if err := ch.QueueBind(dead, "", dead, false, nil); err != nil {
		return fmt.Errorf("bind queue %s: %w", dead, err)
	}
	for _, source := range sources {
		if err := n.declareSource(ch, source); err != nil {
			return err
		}
		if err := ch.QueueBind(queue, destination, n.exchange(source), false, nil); err != nil {
			return fmt.Errorf("bind queue %s to exchange %s: %w", queue, n.exchange(source), err)
		}
	}
	return nil
}
