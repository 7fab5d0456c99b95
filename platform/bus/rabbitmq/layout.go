package rabbitmq

import (
	"fmt"
	"maps"
	"math"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A Layout is what is made of modules in a broker. All of it outlives the broker.
type Layout struct {
	Exchanges []Exchange
	Queues    []Queue
	Bindings  []Binding
}

// An Exchange is where a module publishes, or a broker what it gives up delivering.
type Exchange struct {
	Name        string         `json:"name"`
	VirtualHost string         `json:"vhost"`
	Kind        string         `json:"type"`
	Durable     bool           `json:"durable"`
	AutoDelete  bool           `json:"auto_delete"`
	Internal    bool           `json:"internal"`
	Arguments   map[string]any `json:"arguments"`
}

// A Queue is where messages wait.
type Queue struct {
	Name        string         `json:"name"`
	VirtualHost string         `json:"vhost"`
	Durable     bool           `json:"durable"`
	AutoDelete  bool           `json:"auto_delete"`
	Arguments   map[string]any `json:"arguments"`
}

// A Binding has an exchange's messages with a key go to a queue.
type Binding struct {
	Exchange    string         `json:"source"`
	VirtualHost string         `json:"vhost"`
	Queue       string         `json:"destination"`
	Kind        string         `json:"destination_type"`
	Key         string         `json:"routing_key"`
	Arguments   map[string]any `json:"arguments"`
}

func durableExchange(name, kind string) Exchange {
	return Exchange{Name: name, Kind: kind, Durable: true, Arguments: map[string]any{}}
}

func durableQueue(name string, arguments map[string]any) Queue {
	return Queue{Name: name, Durable: true, Arguments: arguments}
}

func binding(exchange, queue, key string) Binding {
	return Binding{Exchange: exchange, Queue: queue, Kind: "queue", Key: key, Arguments: map[string]any{}}
}

// Layout is what a module speaks through and, if it hears somebody, what it hears through.
func (o Options) Layout(module string) Layout {
	o = o.withDefaults()
	l, sources := o.mouth(module), o.Sources(module)
	if len(sources) == 0 {
		return l
	}
	l = l.and(o.ears(module))
	for _, source := range sources {
		l.Bindings = append(l.Bindings, o.hearing(module, source))
	}
	return l
}

// The names of things. A right in RabbitMQ is for a name, of whichever kind: whoever may read an exchange that is
// called as a queue may read that queue.

func (o Options) exchange(source string) string { return o.Prefix + source + ".events" }

func (o Options) queue(module string) string { return o.Prefix + module }

// dead is the queue, and the exchange before it, of what the broker gave up delivering from the module's other one.
func (o Options) dead(module string) string { return o.queue(module) + ".dead" }

// mouth is what a module publishes to.
func (o Options) mouth(module string) Layout {
	return Layout{Exchanges: []Exchange{durableExchange(o.exchange(module), amqp.ExchangeDirect)}}
}

// ears are where messages for a module wait.
func (o Options) ears(module string) Layout {
	queue, dead := o.queue(module), o.dead(module)
	return Layout{
		Exchanges: []Exchange{durableExchange(dead, amqp.ExchangeFanout)},
		Queues: []Queue{
			durableQueue(dead, map[string]any{
				amqp.QueueTypeArg:  amqp.QueueTypeQuorum,
				"x-delivery-limit": math.MaxInt32, // newer brokers have a limit of 20 of their own, and drop what reaches it
			}),
			durableQueue(queue, map[string]any{
				amqp.QueueTypeArg:        amqp.QueueTypeQuorum,
				"x-delivery-limit":       o.Deliveries,
				"x-dead-letter-exchange": dead,
				"x-dead-letter-strategy": "at-least-once",  // by default some may get lost on the way
				"x-overflow":             "reject-publish", // without which the strategy is not to be had
			}),
		},
		Bindings: []Binding{binding(dead, dead, "")},
	}
}

// hearing is what has a module hear a source.
func (o Options) hearing(module, source string) Binding {
	return binding(o.exchange(source), o.queue(module), module)
}

func (l Layout) and(more Layout) Layout {
	return Layout{append(l.Exchanges, more.Exchanges...), append(l.Queues, more.Queues...), append(l.Bindings, more.Bindings...)}
}

// declare makes what is not there yet.
func (l Layout) declare(ch *amqp.Channel) error {
	for _, e := range l.Exchanges {
		if err := ch.ExchangeDeclare(e.Name, e.Kind, true, false, false, false, nil); err != nil {
			return fmt.Errorf("declare exchange %s: %w", e.Name, err)
		}
	}
	for _, q := range l.Queues {
		if _, err := ch.QueueDeclare(q.Name, true, false, false, false, maps.Clone(q.Arguments)); err != nil {
			return fmt.Errorf("declare queue %s: %w", q.Name, err)
		}
	}
	for _, b := range l.Bindings {
		if err := b.declare(ch); err != nil {
			return err
		}
	}
	return nil
}

func (b Binding) declare(ch *amqp.Channel) error {
	if err := ch.QueueBind(b.Queue, b.Key, b.Exchange, false, nil); err != nil {
		return fmt.Errorf("bind queue %s to exchange %s: %w", b.Queue, b.Exchange, err)
	}
	return nil
}

// renew makes again what can be made again while the queues are heard, and returns an error if one of those is gone.
func (l Layout) renew(ch *amqp.Channel) error {
	for _, q := range l.Queues {
		if _, err := ch.QueueDeclarePassive(q.Name, true, false, false, false, nil); err != nil {
			return fmt.Errorf("queue %s is not there: %w", q.Name, err)
		}
	}
	return Layout{Exchanges: l.Exchanges, Bindings: l.Bindings}.declare(ch)
}
