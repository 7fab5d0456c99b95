package storefront

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// pages are the templates of each page, within the layout.
var pages = func() map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(template.FuncMap{
		"money": inWords, "when": func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
		"date": func(t time.Time) string { return t.UTC().Format("2 Jan 2006") }, "short": short,
		"capital": func(word string) string { return capital(strings.ReplaceAll(word, "_", " ")) },
		"reason":  func(code string) string { return reasons[code] }, "deref": func(n *int64) int64 { return *n },
	}).ParseFS(files, "templates/layout.html"))
	byName := map[string]*template.Template{}
	for _, name := range []string{"account", "basket", "browse", "checkout", "error", "order", "orders", "product", "register", "signin"} {
		byName[name] = template.Must(template.Must(layout.Clone()).ParseFS(files, "templates/"+name+".html"))
	}
	return byName
}()

var reasons = map[string]string{
	"out_of_stock": "somebody else was faster: there was not enough of it left", "payment_declined": "the card was declined",
	"payment_failed": "the card could not be charged", "customer": "as you wished", "timed_out": "the payment took too long",
}

// show answers with a page.
func (v *visit) show(status int, name string, data map[string]any) {
	v.part(status, name, "layout.html", data)
}

// part answers with one template of a page.
func (v *visit) part(status int, name, part string, data map[string]any) {
	data["SignedIn"], data["Pieces"] = v.token != "", v.basket.Pieces()
	var content bytes.Buffer
	if err := pages[name].ExecuteTemplate(&content, part, data); err != nil {
		v.String(http.StatusInternalServerError, "This page cannot be shown.")
		_ = v.Error(fmt.Errorf("page %s: %w", name, err))
		return
	}
	v.Header("Cache-Control", "no-store") // prices, baskets and orders are the visitor's own
	v.Data(status, "text/html; charset=utf-8", content.Bytes())
}

// inWords writes an amount as customers read it: £7.99.
func inWords(m amount) string {
	sign := ""
	if m.Amount < 0 {
		sign, m.Amount = "−", -m.Amount
	}
	return fmt.Sprintf("%s£%d.%02d", sign, m.Amount/100, m.Amount%100)
}

// short is enough of an id to tell orders apart by eye: its random end.
func short(id string) string { return strings.ToUpper(id[max(0, len(id)-8):]) }

// capital begins a text with a capital letter.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}
