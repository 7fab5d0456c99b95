package account

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// NormalEmail returns the one spelling of an e-mail address that accounts are kept under: trimmed, lower
// case, in Unicode's composed form. What cannot be an address is an error.
func NormalEmail(input string) (string, error) {
	if len(input) > 1024 || !utf8.ValidString(input) {
		return "", fault.Wrong("email", "must be an e-mail address of at most 254 bytes")
	}
	email := norm.NFC.String(strings.ToLower(norm.NFC.String(strings.TrimSpace(input))))
	local, domain, found := strings.Cut(email, "@")
	switch {
	case !found || local == "" || domain == "" || strings.Contains(domain, "@"):
		return "", fault.Wrong("email", "must have one @ with something on both sides, such as ada@example.org")
	case len(local) > 64 || len(email) > 254:
		return "", fault.Wrong("email", "must be at most 64 bytes before the @ and 254 in all")
	case strings.ContainsFunc(email, unmailable):
		return "", fault.Wrong("email", "must not contain spaces, quotes, brackets or control characters")
	}
	return email, nil
}

// unmailable finds what an address could carry into a mail header or a log line, or be read in two ways with.
func unmailable(r rune) bool {
	return unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(`<>()[]\,;:"`, r)
}

// NormalName returns a person's name trimmed and in Unicode's composed form.
func NormalName(input string) (string, error) {
	name := norm.NFC.String(strings.TrimSpace(input))
	switch {
	case name == "" || utf8.RuneCountInString(name) > 200 || !utf8.ValidString(name):
		return "", fault.Wrong("name", "must be 1 to 200 characters")
	case strings.ContainsFunc(name, unicode.IsControl):
		return "", fault.Wrong("name", "must not contain control characters")
	}
	return name, nil
}
