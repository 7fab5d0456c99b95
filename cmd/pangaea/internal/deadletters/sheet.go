package deadletters

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Sheet writes all there is to know of a letter for people, and what waits behind it.
func Sheet(out io.Writer, l Letter, behind []Letter, more bool) error {
	var text bytes.Buffer
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&text, "%-12s %s\n", name, indented(value, 13))
		}
	}
	list := func(name string, values []string) {
		for _, value := range values {
			line(name, value)
			name = ""
		}
	}
	line("id", l.ID)
	line(string(l.Kind), l.Name)
	line("state", l.State)
	line("behind", l.Behind)
	line("source", l.Source)
	line("key", l.Key)
	if l.Kind == Message {
		line("number", fmt.Sprint(l.Number))
	}
	line("attempts", fmt.Sprint(l.Attempts))
	line("since", moment(l.Since))
	if l.State == Retrying {
		line("due", moment(l.Due))
	}
	line("error", l.Error)
	line("trace", l.Trace)
	line("correlation", l.Correlation)
	list("metadata", l.attributes())
	line("payload", Pretty([]byte(l.Payload)))
	list("behind it", queue(behind, more))
	_, err := out.Write(text.Bytes())
	return err
}

func (l Letter) attributes() (list []string) {
	for _, name := range slices.Sorted(maps.Keys(l.Metadata)) {
		list = append(list, name+": "+l.Metadata[name])
	}
	return list
}

func queue(behind []Letter, more bool) (list []string) {
	for _, b := range behind {
		list = append(list, fmt.Sprintf("%s  %s, number %d", b.ID, b.Name, b.Number))
	}
	if more {
		list = append(list, "… and others")
	}
	return list
}

// Pretty is a payload with a line for each of its members; what is not JSON stays as it is.
func Pretty(payload []byte) string {
	var text bytes.Buffer
	if json.Indent(&text, payload, "", "  ") != nil {
		return string(payload)
	}
	return text.String()
}

// indented puts what follows the first line of a text below it.
func indented(text string, by int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = plain(line)
	}
	return strings.Join(lines, "\n"+strings.Repeat(" ", by))
}
