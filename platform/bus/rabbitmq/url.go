package rabbitmq

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"

	amqp "github.com/rabbitmq/amqp091-go"
)

// check returns as whom the URL of a broker signs in, "" if a certificate tells, or an error that does not tell the
// password if it is none. Files that it names have to be there.
func check(text string) (user string, err error) {
	uri, err := amqp.ParseURI(text)
	var wrong *url.Error
	if errors.As(err, &wrong) {
		err = wrong.Err
	}
	if err != nil {
		return "", fmt.Errorf("this is not the URL of a RabbitMQ, such as amqp://user:password@host:5672/vhost: %w", err)
	}
	if uri.CACertFile != "" {
		text, err := os.ReadFile(uri.CACertFile)
		if err != nil {
			return "", fmt.Errorf("cacertfile: %w", err)
		}
		if !x509.NewCertPool().AppendCertsFromPEM(text) {
			return "", fmt.Errorf("cacertfile: there is no certificate in %s", uri.CACertFile)
		}
	}
	if (uri.CertFile == "") != (uri.KeyFile == "") {
		return "", errors.New("certfile and keyfile go together: one of them is missing")
	}
	if uri.CertFile != "" {
		if _, err := tls.LoadX509KeyPair(uri.CertFile, uri.KeyFile); err != nil {
			return "", fmt.Errorf("certfile and keyfile: %w", err)
		}
	}
	if len(uri.AuthMechanism) > 0 && uri.AuthMechanism[0] == "external" {
		return "", nil
	}
	return uri.Username, nil
}
