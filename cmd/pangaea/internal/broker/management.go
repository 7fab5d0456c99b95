package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// A management is a broker's rabbitmq_management, for somebody with the tag administrator.
type management struct {
	base   *url.URL
	who    *url.Userinfo
	client http.Client
}

func newManagement(address *url.URL) *management {
	base := *address
	base.User = nil // errors tell URLs
	return &management{base: &base, who: address.User, client: http.Client{Timeout: time.Minute}}
}

func (m *management) definitions(ctx context.Context) (d rabbitmq.Definitions, err error) {
	return d, m.call(ctx, http.MethodGet, nil, &d, "definitions")
}

func (m *management) define(ctx context.Context, d rabbitmq.Definitions) error {
	return m.call(ctx, http.MethodPost, d, nil, "definitions")
}

func (m *management) revoke(ctx context.Context, vhost, user string) error {
	return m.call(ctx, http.MethodDelete, nil, nil, "permissions", vhost, user)
}

func (m *management) revokeTopics(ctx context.Context, vhost, user string) error {
	return m.call(ctx, http.MethodDelete, nil, nil, "topic-permissions", vhost, user)
}

// call asks the API for a path, of parts that are names.
func (m *management) call(ctx context.Context, method string, question, answer any, path ...string) error {
	var body bytes.Buffer
	if question != nil {
		if err := json.NewEncoder(&body).Encode(question); err != nil {
			return err
		}
	}
	address := m.base.JoinPath("api")
	for _, part := range path {
		address = address.JoinPath(url.PathEscape(part))
	}
	request, err := http.NewRequestWithContext(ctx, method, address.String(), &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	password, _ := m.who.Password()
	request.SetBasicAuth(m.who.Username(), password)
	response, err := m.client.Do(request)
	if err != nil {
		return fmt.Errorf("the broker's management cannot be reached: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return fmt.Errorf("%s does not let %q administer it: give a user with the tag administrator, and its password", m.base.Host, m.who.Username())
	case code >= 300:
		said, _ := io.ReadAll(io.LimitReader(response.Body, 500))
		return fmt.Errorf("the broker's management answers %s %s with %s: %s", method, address.Path, response.Status, bytes.TrimSpace(said))
	case answer == nil:
		return nil
	}
	if err := json.NewDecoder(response.Body).Decode(answer); err != nil {
		return errors.New(m.base.Host + " does not answer as the management of a RabbitMQ does, which mostly is on port 15672")
	}
	return nil
}
