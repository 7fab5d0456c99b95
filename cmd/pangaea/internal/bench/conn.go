package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// A conn sends requests that are bytes already: what the load costs on the same cores is taken from what
// is measured, so it costs as little as can be.
type conn struct {
	net.Conn
	answers *bufio.Reader
}

func dial(url string) (*conn, error) {
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		return nil, err
	}
	return &conn{c, bufio.NewReader(c)}, nil
}

// place sends an order and returns the answer's body; anything but 202 is an error.
func (c *conn) place(request []byte) ([]byte, error) {
	body, err := c.exchange(request, http.StatusAccepted)
	if err != nil {
		err = fmt.Errorf("an order was not taken: %w", err)
	}
	return body, err
}

// exchange sends a request and returns the answer's body; any other status than the one that is wanted is an error.
func (c *conn) exchange(request []byte, wanted int) ([]byte, error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	response, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != wanted {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return body, err
}
