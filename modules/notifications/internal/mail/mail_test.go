package mail_test

import (
	"bufio"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/mail"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
)

// A postOffice is a mail server that keeps what it is given.
type postOffice struct {
	address string
	answers map[string]string // instead of the usual one, by verb

	mu      sync.Mutex
	letters []string
}

func openPostOffice(t *testing.T, answers map[string]string) *postOffice {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	p := &postOffice{address: listener.Addr().String(), answers: answers}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.serve(conn)
		}
	}()
	return p
}

func (p *postOffice) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	text := textproto.NewConn(conn)
	_ = text.PrintfLine("220 post office")
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(line, " ")
		if answer, ok := p.answers[verb]; ok {
			_ = text.PrintfLine("%s", answer)
			continue
		}
		switch verb {
		case "EHLO":
			_ = text.PrintfLine("250-hello\r\n250-SMTPUTF8\r\n250 8BITMIME")
		case "DATA":
			_ = text.PrintfLine("354 go ahead")
			letter, _ := io.ReadAll(text.DotReader())
			p.mu.Lock()
			p.letters = append(p.letters, string(letter))
			p.mu.Unlock()
			_ = text.PrintfLine("250 kept")
		case "QUIT":
			_ = text.PrintfLine("221 bye")
			return
		default:
			_ = text.PrintfLine("250 ok")
		}
	}
}

func (p *postOffice) kept(t *testing.T) []*netmail.Message {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var messages []*netmail.Message
	for _, letter := range p.letters {
		m, err := netmail.ReadMessage(bufio.NewReader(strings.NewReader(letter)))
		require.NoError(t, err)
		messages = append(messages, m)
	}
	return messages
}

func letter() notice.Letter {
	return notice.Letter{
		ID: "n-1", To: notice.Person{Email: "ada@example.org", Name: "Ada Lövelace"},
		Subject: "Your order — confirmed", Body: "Hello Ada,\n\n.\nprice 5 £\n" + strings.Repeat("long ", 300) + "end\n", At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
}

func sender(t *testing.T, p *postOffice) *mail.Sender {
	t.Helper()
	s, err := mail.NewSender("smtp://"+p.address, "Pangaea <shop@pangaea.example>")
	require.NoError(t, err)
	return s
}

func TestALetterArrivesAsItWasWritten(t *testing.T) {
	p := openPostOffice(t, nil)
	require.NoError(t, sender(t, p).Send(t.Context(), letter()))

	kept := p.kept(t)
	require.Len(t, kept, 1)
	header := kept[0].Header
	to, err := header.AddressList("To")
	require.NoError(t, err)
	require.Equal(t, []*netmail.Address{{Name: "Ada Lövelace", Address: "ada@example.org"}}, to)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, letter().Subject, subject)
	require.Equal(t, "<n-1@pangaea.example>", header.Get("Message-ID"))
	require.Equal(t, "Fri, 02 Jan 2026 03:04:05 +0000", header.Get("Date"))
	body, err := io.ReadAll(quotedprintable.NewReader(kept[0].Body))
	require.NoError(t, err)
	require.Equal(t, letter().Body, string(body))
}

func TestARepeatedLetterIsTheSameLetter(t *testing.T) {
	p := openPostOffice(t, nil)
	s := sender(t, p)
	require.NoError(t, s.Send(t.Context(), letter()))
	require.NoError(t, s.Send(t.Context(), letter()))
	require.Len(t, p.letters, 2)
	require.Equal(t, p.letters[0], p.letters[1])
}

func TestNothingACustomerWroteBecomesAHeader(t *testing.T) {
	const evil = "x\r\nBcc: victim@example.org\r\n\r\nhello"
	p := openPostOffice(t, nil)
	l := letter()
	l.To.Name, l.Subject = evil, evil
	require.NoError(t, sender(t, p).Send(t.Context(), l))
	header := p.kept(t)[0].Header
	require.Empty(t, header.Get("Bcc"))
	require.Len(t, header, 9)

	for _, address := range []string{evil, "a@b.c\r\nBcc: d@e.f", "a@b.c, d@e.f", "Ada <a@b.c>", "a@b.c\nx", "", "a b@c.d"} {
		l := letter()
		l.To.Email = address
		require.Error(t, sender(t, p).Send(t.Context(), l), address)
	}
	require.Len(t, p.kept(t), 1)
}

func TestARefusalIsToldWithoutTheAddress(t *testing.T) {
	for verb, answer := range map[string]string{
		"RCPT": "550 no <ada@example.org> here", "MAIL": "451 not for ada@example.org", "DATA": "452 ada@example.org is full", "EHLO": "421 ada@example.org",
	} {
		p := openPostOffice(t, map[string]string{verb: answer, "HELO": answer})
		err := sender(t, p).Send(t.Context(), letter())
		require.ErrorContains(t, err, answer[:3])
		require.NotContains(t, err.Error(), "ada@")
	}
}

func TestAServerThatIsNotThereIsAnError(t *testing.T) {
	s, err := mail.NewSender("smtp://127.0.0.1:1", "shop@pangaea.example")
	require.NoError(t, err)
	require.Error(t, s.Send(t.Context(), letter()))
}

func TestAServersAddressIsCheckedAndNeverRepeated(t *testing.T) {
	_, err := mail.NewSender("smtp://ada:canary@mail.example.org", "shop@pangaea.example")
	require.NoError(t, err)
	for _, server := range []string{"mail.example.org", "http://mail.example.org", "smtp://", "smtp://ada:canary@", "://"} {
		_, err := mail.NewSender(server, "shop@pangaea.example")
		require.Error(t, err, server)
		require.NotContains(t, err.Error(), "canary")
	}
	_, err = mail.NewSender("smtp://mail.example.org", "nonsense")
	require.Error(t, err)
}
