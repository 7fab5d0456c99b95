package broker

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os/exec"
	"strings"

	amqp "github.com/rabbitmq/amqp091-go"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// An administrator asks a broker what it has, and tells it what it is to have.
type administrator interface {
	definitions(ctx context.Context) (rabbitmq.Definitions, error)
	// define adds to what there is, and replaces users and what they may do.
	define(ctx context.Context, d rabbitmq.Definitions) error
	// revoke takes from a user what it may do in a virtual host.
	revoke(ctx context.Context, vhost, user string) error
	// revokeTopics takes from a user what it may do by topic, which would allow more than what the rest does.
	revokeTopics(ctx context.Context, vhost, user string) error
}

const usual = "rabbitmqctl"

// connect finds who administers, and where modules reach the broker.
func connect(w Wish) (administrator, *url.URL, error) {
	address := w.Broker
	var admin administrator
	switch u, err := url.Parse(w.Admin); {
	case w.Definitions != "" && w.Admin != "":
		return nil, nil, errors.New("--admin prepares a broker that runs, --definitions one that starts: give one of them")
	case w.Definitions != "":
		admin = &definitionsFile{path: w.Definitions}
	case strings.HasPrefix(w.Admin, "http://") || strings.HasPrefix(w.Admin, "https://"):
		if err != nil || u.Hostname() == "" {
			return nil, nil, errors.New("the administrator's URL cannot be read: it is like http://user:password@host:15672")
		}
		admin = newManagement(u)
		if address == "" {
			address = "amqp://" + net.JoinHostPort(u.Hostname(), "5672")
		}
	case strings.Contains(w.Admin, "://"):
		return nil, nil, errors.New("the administrator's URL is that of the broker's management, such as http://user:password@host:15672: over AMQP no users can be made")
	default:
		command := strings.Fields(w.Admin)
		if len(command) == 0 {
			command = []string{usual}
		}
		if _, err := exec.LookPath(command[0]); err != nil {
			return nil, nil, fmt.Errorf("%w; say with --admin who administers the broker: http://user:password@host:15672, where it runs with its management "+
				"(rabbitmq-plugins enable rabbitmq_management), or how rabbitmqctl is called; or have it load a file that --definitions writes", err)
		}
		admin = control(command)
	}
	if address == "" {
		address = "amqp://localhost:5672"
	}
	uri, err := amqp.ParseURI(address)
	base, parseErr := url.Parse(address)
	if err != nil || parseErr != nil || base.User != nil || uri.Vhost != "/" {
		return nil, nil, errors.New("--broker is where modules reach the broker, such as amqps://host:5671?cacertfile=/etc/pangaea/ca.pem, without user, password and virtual host")
	}
	return admin, base, nil
}
