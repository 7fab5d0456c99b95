package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"time"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
)

// timeout is how long one letter may take.
const timeout = time.Minute

var errBadAddress = errors.New("the customer's address is none that mail can be sent to")

// A Sender hands letters to one mail server.
type Sender struct {
	host, address string
	implicitTLS   bool
	login         smtp.Auth
	from          mail.Address
}

// NewSender returns a sender to the server at a URL such as smtp://user:password@mail.example.org:587 or
// smtps://mail.example.org. With smtp TLS is used where the server offers it; a password is never sent
// without, except to this machine.
func NewSender(server, from string) (*Sender, error) {
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("PANGAEA_SMTP_URL must be like smtp://user:password@mail.example.org:587 or smtps://…")
	}
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("PANGAEA_SMTP_FROM must be an address such as Shop <shop@example.org>: %w", err)
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"smtp": "587", "smtps": "465"}[u.Scheme]
	}
	s := &Sender{host: u.Hostname(), address: net.JoinHostPort(u.Hostname(), port), implicitTLS: u.Scheme == "smtps", from: *sender}
	if password, ok := u.User.Password(); ok {
		s.login = smtp.PlainAuth("", u.User.Username(), password, s.host)
	}
	return s, nil
}

// Send hands a letter over and returns once the server has taken responsibility for it.
func (s *Sender) Send(ctx context.Context, l notice.Letter) error {
	text, err := compose(l, s.from)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	client, hangUp, err := s.dial(ctx)
	if err != nil {
		return discreet("greeting", err)
	}
	defer hangUp()
	if err := s.secure(client); err != nil {
		return discreet("login", err)
	}
	if err := client.Mail(s.from.Address); err != nil {
		return discreet("sender", err)
	}
	if err := client.Rcpt(l.To.Email); err != nil {
		return discreet("recipient", err)
	}
	if err := transmit(client, text); err != nil {
		return discreet("letter", err)
	}
	_ = client.Quit() // the letter is theirs; how we part does not matter
	return nil
}

// dial connects; hangUp ends the connection, as does the end of ctx.
func (s *Sender) dial(ctx context.Context) (client *smtp.Client, hangUp func(), err error) {
	var conn net.Conn
	if s.implicitTLS {
		conn, err = (&tls.Dialer{Config: s.tls()}).DialContext(ctx, "tcp", s.address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", s.address)
	}
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	client, err = smtp.NewClient(conn, s.host)
	if err != nil {
		stop()
		return nil, nil, errors.Join(err, conn.Close())
	}
	return client, func() { stop(); _ = client.Close() }, nil
}

// secure turns to TLS where that is still to be done, and logs in.
func (s *Sender) secure(client *smtp.Client) error {
	if offered, _ := client.Extension("STARTTLS"); offered && !s.implicitTLS {
		if err := client.StartTLS(s.tls()); err != nil {
			return err
		}
	}
	if s.login == nil {
		return nil
	}
	return client.Auth(s.login)
}

func (s *Sender) tls() *tls.Config {
	return &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
}

func transmit(client *smtp.Client, text []byte) error {
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	return w.Close()
}

// discreet says at which step what went wrong, without the server's words: they repeat addresses.
func discreet(step string, err error) error {
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("the mail server answered %d to the %s", answer.Code, step)
	}
	return fmt.Errorf("%s: %w", step, err)
}
