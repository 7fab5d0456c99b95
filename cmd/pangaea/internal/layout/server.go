package layout

import (
	"net/url"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/bus/nats"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// server is where the URL of a message server leads. Who signs in there, and how, is left out; NATS may have several
// URLs, with commas between them.
func server(address string) string {
	if address == "" {
		return ""
	}
	var places []string
	for _, one := range strings.Split(address, ",") {
		u, err := url.Parse(one)
		if err != nil || u.Host == "" {
			places = append(places, "***")
			continue
		}
		places = append(places, (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String())
	}
	return strings.Join(places, ",")
}

// scheme is how a message server is spoken to, whether with TLS or not.
func scheme(address string) string {
	before, _, _ := strings.Cut(address, "://")
	switch before {
	case "amqps":
		return "amqp"
	case "tls":
		return "nats"
	}
	return before
}

// Product is what a message server is, by its address.
func Product(address string) string {
	switch scheme(address) {
	case "amqp":
		return "RabbitMQ"
	case "nats":
		return "NATS"
	}
	return "the bus"
}

// queues are in which events wait for a module at a message server.
func queues(address, module string, manifest outbox.Manifest) []string {
	names := []string{}
	if len(manifest.HeardBy(module)) == 0 {
		return names
	}
	switch scheme(address) {
	case "amqp":
		for _, q := range (rabbitmq.Options{Sources: manifest.Sources}).Layout(module).Queues {
			names = append([]string{q.Name}, names...) // that of what was given up comes last
		}
	case "nats":
		names = append(names, nats.Options{}.Stream(module))
	}
	return names
}
