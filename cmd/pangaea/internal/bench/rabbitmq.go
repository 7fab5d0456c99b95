package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"
)

// A rabbitmq is a RabbitMQ on this machine, on which we make virtual hosts with rabbitmqctl.
type rabbitmq struct {
	url     *url.URL
	about   string
	id      int // of its process
	created []string
}

// dialRabbitMQ finds out whether there is such a broker.
func dialRabbitMQ(ctx context.Context, address string) (*rabbitmq, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "amqp" || u.Host == "" {
		return nil, errors.New("the URL of the broker is not like amqp://user:password@host:5672/") // and may have a password in it
	}
	conn, err := amqp.DialConfig(address, amqp.Config{Dial: amqp.DefaultDial(5 * time.Second)})
	if err == nil {
		err = conn.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	said, err := administer(ctx, "eval", `io:format("~s ~s", [rabbit_misc:version(), os:getpid()]).`)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errAway, err)
	}
	var version string
	r := &rabbitmq{url: u}
	if _, err := fmt.Sscan(said, &version, &r.id); err != nil {
		return nil, fmt.Errorf("the broker says %q: %w", said, err)
	}
	r.about = "RabbitMQ " + version
	return r, nil
}

// cpu is the processor time that the broker has used so far, for whomever; 0 where the system does not tell.
func (r *rabbitmq) cpu() time.Duration { return cpuOf(r.id) }

// create makes an empty virtual host and returns its URL.
func (r *rabbitmq) create(ctx context.Context, name string) (string, error) {
	if _, err := administer(ctx, "add_vhost", name); err != nil {
		return "", err
	}
	r.created = append(r.created, name)
	if _, err := administer(ctx, "set_permissions", "--vhost", name, r.url.User.Username(), ".*", ".*", ".*"); err != nil {
		return "", err
	}
	u := *r.url
	u.Path = "/" + name
	return u.String(), nil
}

// drop drops what was created, also after ctx has ended.
func (r *rabbitmq) drop(ctx context.Context) error {
	var errs []error
	for _, name := range r.created {
		_, err := administer(context.WithoutCancel(ctx), "delete_vhost", name)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func administer(ctx context.Context, args ...string) (string, error) {
	said, err := exec.CommandContext(ctx, "rabbitmqctl", append([]string{"--quiet"}, args...)...).CombinedOutput()
	text := strings.Join(strings.Fields(string(said)), " ") // in one line
	if err != nil {
		return "", fmt.Errorf("rabbitmqctl %s: %w: %s", args[0], err, text)
	}
	return text, nil
}
