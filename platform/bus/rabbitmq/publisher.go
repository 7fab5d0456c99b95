package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	amqp "github.com/rabbitmq/amqp091-go"
)

// A publisher sends what one source says, on a channel of its own: an exchange that is gone ends the channel.
type publisher struct {
	link    *link
	options Options
	source  string

	mu sync.Mutex
	ch *outlet // nil before the first message and after the last interruption
}

// An outlet is a channel with what is under way on it.
type outlet struct {
	*amqp.Channel
	conn *connection
	// The broker returns what it cannot route before it confirms it, and the client hands it to returns before it
	// ends the wait for the confirmation: whoever is confirmed finds its own return in there, or in returned. There
	// is room for one of each under way, so that none is left out.
	returns  chan amqp.Return
	returned map[sending]amqp.Return
	underWay map[sending]int
}

// A sending names a message under way.
type sending struct{ topic, id string }

const mostUnderWay = 2048 // a relay has 256 to each of its destinations

// publish returns nil when the broker has stored the message in a queue.
func (p *publisher) publish(open context.Context, topic string, m *message.Message) error {
	s := sending{topic, m.UUID}
	ch, confirmation, err := p.send(s, m)
	if err != nil {
		return err
	}
	patience := time.NewTimer(p.options.Confirm)
	defer patience.Stop()
	select {
	case <-confirmation.Done():
	case <-patience.C:
		err = fmt.Errorf("RabbitMQ has not confirmed it for %s", p.options.Confirm)
	case <-m.Context().Done():
		err = context.Cause(m.Context())
	case <-open.Done():
		err = errClosed
	}
	if returned := p.end(ch, s); err == nil && returned != nil {
		return fmt.Errorf("it reached no queue: RabbitMQ says %s of exchange %s", returned.ReplyText, returned.Exchange)
	}
	if err == nil && !confirmation.Acked() {
		err = errors.New("RabbitMQ refused it, or the channel ended before it was confirmed")
	}
	return err
}

// send puts a message on its way.
func (p *publisher) send(s sending, m *message.Message) (*outlet, *amqp.DeferredConfirmation, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ch == nil || p.ch.IsClosed() {
		if err := p.reopen(); err != nil {
			return nil, nil, err
		}
	}
	if err := p.ch.conn.refused(); err != nil {
		return nil, nil, err
	}
	if len(p.ch.underWay) == mostUnderWay {
		return nil, nil, fmt.Errorf("%d messages are waiting for their confirmation", mostUnderWay)
	}
	confirmation, err := p.ch.PublishWithDeferredConfirm(p.options.exchange(p.source), s.topic, true, false, p.sealed(m))
	if err != nil {
		return nil, nil, err
	}
	p.ch.underWay[s]++
	return p.ch, confirmation, nil
}

// reopen opens a channel, and declares the exchange, which may be what the last one ended for.
func (p *publisher) reopen() error {
	p.ch = nil
	conn, ch, err := p.link.channel()
	if err != nil {
		return err
	}
	if err = p.options.mouth(p.source).declare(ch); err == nil {
		err = ch.Confirm(false)
	}
	if err != nil {
		return errors.Join(err, closed(ch))
	}
	p.ch = &outlet{
		Channel: ch, conn: conn, returns: ch.NotifyReturn(make(chan amqp.Return, mostUnderWay)),
		returned: map[sending]amqp.Return{}, underWay: map[sending]int{},
	}
	return nil
}

// end says that a message is not waited for any more, and whether it was returned.
func (p *publisher) end(ch *outlet, s sending) *amqp.Return {
	p.mu.Lock()
	defer p.mu.Unlock()
	for drained := false; !drained; {
		select {
		case r, ok := <-ch.returns:
			if of := (sending{r.RoutingKey, r.MessageId}); ok && ch.underWay[of] > 0 {
				ch.returned[of] = r
			}
			drained = !ok
		default:
			drained = true
		}
	}
	r, ok := ch.returned[s]
	if ch.underWay[s]--; ch.underWay[s] == 0 {
		delete(ch.underWay, s)
		delete(ch.returned, s)
	}
	if !ok {
		return nil
	}
	return &r
}

// closed closes a channel that may be closed already.
func closed(ch *amqp.Channel) error {
	if err := ch.Close(); !errors.Is(err, amqp.ErrClosed) {
		return err
	}
	return nil
}

// sealed is a message as the broker carries it: metadata are headers. The broker refuses one whose user is not ours.
func (p *publisher) sealed(m *message.Message) amqp.Publishing {
	headers := make(amqp.Table, len(m.Metadata))
	for key, value := range m.Metadata {
		headers[key] = value
	}
	return amqp.Publishing{MessageId: m.UUID, UserId: p.link.user, Headers: headers, Body: m.Payload, DeliveryMode: amqp.Persistent}
}

// unsealed is a message as it was published. What the broker has noted on it, which is no text, is left out.
func unsealed(d *amqp.Delivery) *message.Message {
	m := message.NewMessage(d.MessageId, d.Body)
	for key, value := range d.Headers {
		if text, ok := value.(string); ok {
			m.Metadata[key] = text
		}
	}
	return m
}
