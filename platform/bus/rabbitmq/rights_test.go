package rabbitmq_test

import (
	"crypto/rand"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A country is a virtual host in which every module of the shop is a user of its own.
type country struct {
	t        *testing.T
	name     string
	manifest outbox.Manifest
}

// found founds one, if there is an administrator.
func found(t *testing.T, all bool) *country {
	t.Helper()
	manifest, err := contracts.Subscriptions()
	require.NoError(t, err)
	c := &country{t: t, name: "pangaea_t_" + strings.ToLower(rand.Text()[:8]), manifest: manifest}
	d := rabbitmq.Definitions{VirtualHosts: []rabbitmq.VirtualHost{{Name: c.name}}}
	for _, module := range manifest.Modules() {
		d.Define(c.name, rabbitmq.NewUser(c.user(module), "of "+module), c.options(), module)
	}
	if !all { // the modules make theirs themselves
		d.Exchanges, d.Queues, d.Bindings = nil, nil, nil
	}
	if !rabbitmqtest.Import(t, d) {
		return nil
	}
	return c
}

func (c *country) user(module string) string { return c.name + "_" + module }

func (c *country) options() rabbitmq.Options {
	return rabbitmq.Options{Sources: c.manifest.Sources, Declare: 50 * time.Millisecond}
}

func (c *country) url(module string) string {
	return rabbitmqtest.As(c.t, rabbitmqtest.URL(), c.name, c.user(module), "of "+module)
}

func (c *country) signsIn(module string) *amqp.Connection {
	c.t.Helper()
	conn, err := amqp.Dial(c.url(module))
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// What a thief might try on what is a victim's.
func trespasses(thief, victim string) map[string]func(*amqp.Channel) error {
	const durable = true
	publish := func(exchange, key string) func(*amqp.Channel) error {
		return func(ch *amqp.Channel) error {
			if err := ch.Publish(exchange, key, false, false, amqp.Publishing{}); err != nil {
				return err
			}
			return ch.Qos(1, 0, false) // is answered with what became of it
		}
	}
	declare := func(queue, deadLetters string) func(*amqp.Channel) error {
		return func(ch *amqp.Channel) error {
			_, err := ch.QueueDeclare(queue, durable, false, false, false, amqp.Table{"x-dead-letter-exchange": deadLetters})
			return err
		}
	}
	exchange := func(name string, arguments amqp.Table) func(*amqp.Channel) error {
		return func(ch *amqp.Channel) error {
			return ch.ExchangeDeclare(name, amqp.ExchangeTopic, durable, false, false, false, arguments)
		}
	}
	consume := func(queue string) func(*amqp.Channel) error {
		return func(ch *amqp.Channel) error {
			_, err := ch.Consume(queue, "", false, false, false, false, nil)
			return err
		}
	}
	return map[string]func(*amqp.Channel) error{
		"speak as it":                  publish(victim+".events", thief),
		"give up for it":               publish(victim+".dead", ""),
		"speak past all exchanges":     publish("", victim),
		"hear what it hears":           consume(victim),
		"hear what it was given up":    consume(victim + ".dead"),
		"take one of its messages":     func(ch *amqp.Channel) error { _, _, err := ch.Get(victim, true); return err },
		"empty its queue":              func(ch *amqp.Channel) error { _, err := ch.QueuePurge(victim, false); return err },
		"declare over its queue":       declare(victim, thief+".dead"),
		"have it get what is given up": declare(thief+".events", victim+".events"), // a right is for a name of whichever kind
		"declare over its exchange":    exchange(victim+".events", nil),
		"have it get what is lost":     exchange(thief, amqp.Table{"alternate-exchange": victim + ".events"}),
		"delete its queue":             func(ch *amqp.Channel) error { _, err := ch.QueueDelete(victim, false, false, false); return err },
		"delete its dead queue": func(ch *amqp.Channel) error {
			_, err := ch.QueueDelete(victim+".dead", false, false, false)
			return err
		},
		"delete its exchange":      func(ch *amqp.Channel) error { return ch.ExchangeDelete(victim+".events", false, false) },
		"delete its dead exchange": func(ch *amqp.Channel) error { return ch.ExchangeDelete(victim+".dead", false, false) },
		"make it hear":             func(ch *amqp.Channel) error { return ch.QueueBind(victim, victim, thief+".events", false, nil) },
		"make it deaf":             func(ch *amqp.Channel) error { return ch.QueueUnbind(victim, "", victim+".dead", nil) },
		"speak through it": func(ch *amqp.Channel) error {
			return ch.ExchangeBind(victim+".events", "", thief+".events", false, nil)
		},
	}
}

// What one might try who does not hear the victim.
func eavesdroppings(thief, victim string) map[string]func(*amqp.Channel) error {
	return map[string]func(*amqp.Channel) error{
		"hear it": func(ch *amqp.Channel) error { return ch.QueueBind(thief, thief, victim+".events", false, nil) },
		"hear it in a roundabout way": func(ch *amqp.Channel) error {
			return ch.ExchangeBind(thief+".events", "", victim+".events", false, nil)
		},
		"hear what it was given up": func(ch *amqp.Channel) error { return ch.QueueBind(thief, "", victim+".dead", false, nil) },
	}
}

// What nobody may do at all.
func outrages() map[string]func(*amqp.Channel) error {
	return map[string]func(*amqp.Channel) error{
		"make a queue": func(ch *amqp.Channel) error {
			_, err := ch.QueueDeclare("mine", true, false, false, false, nil)
			return err
		},
		"make one of no name": func(ch *amqp.Channel) error { _, err := ch.QueueDeclare("", false, true, true, false, nil); return err },
		"make an exchange": func(ch *amqp.Channel) error {
			return ch.ExchangeDeclare("mine", amqp.ExchangeFanout, true, false, false, false, nil)
		},
		"speak to all": func(ch *amqp.Channel) error {
			return errors.Join(ch.Publish("amq.fanout", "", false, false, amqp.Publishing{}), ch.Qos(1, 0, false))
		},
		"read the broker's log": func(ch *amqp.Channel) error { return ch.QueueBind("ordering", "#", "amq.rabbitmq.log", false, nil) },
		"read over a shoulder":  func(ch *amqp.Channel) error { return ch.QueueBind("ordering", "#", "amq.rabbitmq.trace", false, nil) },
	}
}

// Every module tries everything on every other.
func TestAModuleMayDoNothingToAnother(t *testing.T) {
	t.Parallel()
	c := found(t, true)
	if c == nil {
		return
	}
	modules := c.manifest.Modules()
	require.Len(t, modules, 7)
	for _, thief := range modules {
		conn := c.signsIn(thief)
		for what, try := range outrages() {
			c.refuses(conn, amqp.AccessRefused, thief, what, try)
		}
		for _, victim := range modules {
			if victim == thief {
				continue
			}
			for what, try := range trespasses(thief, victim) {
				c.refuses(conn, amqp.AccessRefused, thief, what+", which is "+victim, try)
			}
			if !slices.Contains(c.manifest.Sources(thief), victim) {
				for what, try := range eavesdroppings(thief, victim) {
					c.refuses(conn, amqp.AccessRefused, thief, what+", which is "+victim, try)
				}
			}
			c.refuses(conn, amqp.PreconditionFailed, thief, "give itself out for "+victim, func(ch *amqp.Channel) error {
				return errors.Join(ch.Publish(thief+".events", "", false, false, amqp.Publishing{UserId: c.user(victim)}), ch.Qos(1, 0, false))
			})
		}
		_, err := amqp.Dial(rabbitmqtest.As(t, rabbitmqtest.URL(), "", c.user(thief), "of "+thief))
		require.Error(t, err, "%s may enter another virtual host", thief)
	}
}

// refuses tries something, which the broker has to refuse.
func (c *country) refuses(conn *amqp.Connection, code int, who, what string, try func(*amqp.Channel) error) {
	c.t.Helper()
	ch, err := conn.Channel()
	require.NoError(c.t, err)
	ends := ch.NotifyClose(make(chan *amqp.Error, 1))
	if err = try(ch); err == nil {
		c.t.Errorf("%s may %s", who, what)
		_ = ch.Close()
		return
	}
	require.Equal(c.t, code, (<-ends).Code, "%s: %s", who, what)
}

// With rights for no more than that every module makes what it needs, hears whom it listens to, and makes again what it
// has lost.
func TestAModuleMayDoWhatItNeeds(t *testing.T) {
	t.Parallel()
	c := found(t, false)
	if c == nil {
		return
	}
	n := c.inhabit()
	require.Positive(t, n.everybodySpeaks())
	for _, module := range c.manifest.Modules() {
		ch, err := c.signsIn(module).Channel()
		require.NoError(t, err)
		for _, name := range []string{module, module + ".dead"} {
			_, err := ch.QueueDelete(name, false, false, false)
			require.NoError(t, err)
		}
		for _, name := range []string{module + ".events", module + ".dead"} {
			require.NoError(t, ch.ExchangeDelete(name, false, false))
		}
	}
	require.Positive(t, n.everybodySpeaks())
}

// A nation are the modules, each with a carrier of its own.
type nation struct {
	*country
	carriers map[string]*rabbitmq.Carrier

	mu    sync.Mutex
	heard map[string]bool
}

func (c *country) inhabit() *nation {
	n := &nation{country: c, carriers: map[string]*rabbitmq.Carrier{}, heard: map[string]bool{}}
	for _, module := range c.manifest.Modules() {
		carrier, err := rabbitmq.New(c.url(module), c.options())
		require.NoError(c.t, err)
		c.t.Cleanup(func() { require.NoError(c.t, carrier.Close()) })
		n.carriers[module] = carrier
		require.NoError(c.t, carrier.Introduce(module))
		if len(c.manifest.Sources(module)) == 0 {
			continue
		}
		messages, err := carrier.Subscribe(c.t.Context(), module)
		require.NoError(c.t, err)
		go func() {
			for m := range messages {
				n.mu.Lock()
				n.heard[m.UUID] = m.Metadata[envelope.Refused] == ""
				n.mu.Unlock()
				m.Ack()
			}
		}()
	}
	return n
}

// everybodySpeaks has every module say something to each that hears it, and waits until that is heard.
func (n *nation) everybodySpeaks() (said int) {
	n.t.Helper()
	round := rand.Text()
	var ids []string
	for _, to := range n.manifest.Modules() {
		for _, from := range n.manifest.Sources(to) {
			m := message.NewMessage(from+" to "+to+" "+round, nil)
			m.Metadata[envelope.Source] = from
			ids = append(ids, m.UUID)
			require.Eventually(n.t, func() bool { return n.carriers[from].Publish(to, m.Copy()) == nil }, time.Minute, 5*time.Millisecond, m.UUID)
		}
	}
	for _, id := range ids {
		require.Eventually(n.t, func() bool { n.mu.Lock(); defer n.mu.Unlock(); return n.heard[id] }, time.Minute, 5*time.Millisecond, id)
	}
	return len(ids)
}
