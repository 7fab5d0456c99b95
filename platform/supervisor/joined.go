package supervisor

import (
	"bytes"
	"fmt"
	"io"
	"sync"
)

// joined is what all programs print, a line at a time.
type joined struct {
	mu      sync.Mutex
	out     io.Writer
	width   int
	colours bool
	lines   int
}

func newJoined(options Options, programs []Program) *joined {
	j := &joined{out: options.Out, colours: options.Colours}
	for _, p := range programs {
		j.width = max(j.width, len(p.Name))
	}
	return j
}

// line is where a program prints to.
func (j *joined) line(p Program) *line {
	prefix := fmt.Sprintf("%-*s │ ", j.width, p.Name)
	if j.colours {
		prefix = fmt.Sprintf("\x1b[%dm%s\x1b[0m", 31+j.lines%6, prefix)
	}
	j.lines++
	return &line{joined: j, prefix: prefix}
}

// A line collects what a program prints until it is a whole one.
type line struct {
	joined *joined
	prefix string

	mu    sync.Mutex
	begun []byte
	words []byte // the last whole line that says something
}

// Write passes whole lines on.
func (l *line) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun = append(l.begun, text...)
	for {
		whole, rest, found := bytes.Cut(l.begun, []byte("\n"))
		if !found {
			return len(text), nil
		}
		l.pass(whole)
		l.begun = append([]byte(nil), rest...)
	}
}

func (l *line) pass(whole []byte) {
	if len(bytes.TrimSpace(whole)) > 0 {
		l.words = whole
	}
	l.joined.mu.Lock()
	defer l.joined.mu.Unlock()
	fmt.Fprintf(l.joined.out, "%s%s\n", l.prefix, whole)
}

// flush passes on what is left when a program has ended.
func (l *line) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.begun) > 0 {
		l.pass(l.begun)
		l.begun = nil
	}
}

// say adds something about the program.
func (l *line) say(format string, args ...any) {
	l.joined.mu.Lock()
	defer l.joined.mu.Unlock()
	fmt.Fprintf(l.joined.out, "%s"+format+"\n", append([]any{l.prefix}, args...)...)
}

// last is the last thing that the program has said.
func (l *line) last() string {
	l.flush()
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.words)
}
