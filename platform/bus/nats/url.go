package nats

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
)

// newLink returns a link to the servers at a URL, or an error that does not tell the password.
func newLink(text string) (*link, error) {
	servers, query, _ := strings.Cut(text, "?")
	parameters, err := url.ParseQuery(query)
	for _, server := range strings.Split(servers, ",") {
		err = errors.Join(err, check(server))
	}
	if err != nil {
		return nil, fmt.Errorf("this is not the URL of a NATS, such as nats://user:password@host:4222: %w", err)
	}
	l := &link{servers: servers}
	if len(parameters) > 0 {
		config, err := tlsConfig(parameters)
		if err != nil {
			return nil, err
		}
		l.secure = nats.Secure(config)
	}
	return l, nil
}

func check(server string) error {
	u, err := url.Parse(server)
	var wrong *url.Error
	switch {
	case errors.As(err, &wrong):
		return wrong.Err
	case u.Scheme != "nats" && u.Scheme != "tls":
		return errors.New("it begins with nats:// or tls://")
	case u.Hostname() == "":
		return errors.New("it names no host")
	}
	return nil
}

// tlsConfig is what the parameters of a URL say, which are called as those for RabbitMQ.
func tlsConfig(parameters url.Values) (*tls.Config, error) {
	for name := range parameters {
		if !slices.Contains([]string{"cacertfile", "certfile", "keyfile", "server_name_indication"}, name) {
			return nil, fmt.Errorf("%s is no parameter of the URL of a NATS", name)
		}
	}
	config := &tls.Config{ServerName: parameters.Get("server_name_indication")}
	if file := parameters.Get("cacertfile"); file != "" {
		authorities, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("cacertfile: %w", err)
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(authorities) {
			return nil, fmt.Errorf("cacertfile: %s has no certificates in it", file)
		}
	}
	if file := parameters.Get("certfile"); file != "" {
		own, err := tls.LoadX509KeyPair(file, parameters.Get("keyfile"))
		if err != nil {
			return nil, fmt.Errorf("certfile, keyfile: %w", err)
		}
		config.Certificates = []tls.Certificate{own}
	}
	return config, nil
}
