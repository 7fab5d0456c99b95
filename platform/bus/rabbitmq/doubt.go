package rabbitmq

import (
	"fmt"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// doubt is why a message is not from whom it says, or "". The broker's rights let nobody but a module write to the
// exchange of that module, so whatever came through it is from there.
func (o Options) doubt(topic string, d *amqp.Delivery) string {
	source, _ := d.Headers[envelope.Source].(string)
	if through := o.through(topic, d); through != o.exchange(source) {
		return fmt.Sprintf("it says that it is from %s, and came through exchange %q", source, through)
	}
	return ""
}

// through is the exchange that a message was published to, "" where there is no telling. For those that the broker gave
// up delivering it has noted that on them, in what only it may write: a message that comes with such a note before was
// given one by somebody else.
func (o Options) through(topic string, d *amqp.Delivery) string {
	deaths, noted := d.Headers["x-death"]
	if d.ConsumerTag == o.queue(topic) && !noted {
		return d.Exchange
	}
	list, _ := deaths.([]any)
	if d.ConsumerTag != o.dead(topic) || len(list) != 1 {
		return ""
	}
	death, _ := list[0].(amqp.Table)
	through, _ := death["exchange"].(string)
	if death["queue"] != o.queue(topic) || death["count"] != int64(1) {
		return ""
	}
	return through
}
