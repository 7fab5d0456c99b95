// Package mail hands letters to a mail server over SMTP.
package mail

import (
	"bytes"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
)

// compose writes a letter as RFC 5322 wants it. Nothing a customer wrote can become a header: names and
// subjects are encoded where they are more than plain text on one line, and addresses are parsed.
func compose(l notice.Letter, from mail.Address) ([]byte, error) {
	to, err := recipient(l)
	if err != nil {
		return nil, err
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	var text bytes.Buffer
	for _, header := range [][2]string{
		{"From", from.String()},
		{"To", to.String()},
		{"Subject", mime.QEncoding.Encode("utf-8", oneLine(l.Subject))},
		{"Date", l.At.UTC().Format(time.RFC1123Z)},
		{"Message-ID", "<" + l.ID + "@" + domain + ">"},
		{"Auto-Submitted", "auto-generated"},
		{"MIME-Version", "1.0"},
		{"Content-Type", "text/plain; charset=utf-8"},
		{"Content-Transfer-Encoding", "quoted-printable"},
	} {
		text.WriteString(header[0] + ": " + header[1] + "\r\n")
	}
	text.WriteString("\r\n")
	body := quotedprintable.NewWriter(&text)
	if _, err := body.Write([]byte(l.Body)); err != nil {
		return nil, err
	}
	return text.Bytes(), body.Close()
}

// recipient is the address of a letter, if it is one and only one.
func recipient(l notice.Letter) (*mail.Address, error) {
	to, err := mail.ParseAddress(l.To.Email)
	if err != nil || to.Address != l.To.Email {
		return nil, errBadAddress
	}
	to.Name = oneLine(l.To.Name)
	return to, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
