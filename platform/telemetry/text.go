package telemetry

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"sync"
)

// A textHandler writes lines for people: time of day, level, message, and then the attributes.
//
//	15:04:05.000 INFO  listening for HTTP  address=127.0.0.1:8080
type textHandler struct {
	slog.Handler // writes the attributes to line
	line         *sharedLine
	attributed   bool // there are attributes whatever the record has
}

// A sharedLine is where the handlers derived from one another build their lines.
type sharedLine struct {
	sync.Mutex
	bytes.Buffer
	out io.Writer
}

func newTextHandler(out io.Writer, level slog.Level) *textHandler {
	line := &sharedLine{out: out}
	attributes := slog.NewTextHandler(&line.Buffer, &slog.HandlerOptions{Level: level, ReplaceAttr: withoutHead})
	return &textHandler{Handler: attributes, line: line}
}

// withoutHead drops what a line begins with anyway.
func withoutHead(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey || a.Key == slog.MessageKey) {
		return slog.Attr{}
	}
	return a
}

func (h *textHandler) Handle(ctx context.Context, record slog.Record) error {
	h.line.Lock()
	defer h.line.Unlock()
	h.line.Reset()
	h.line.WriteString(record.Time.Format("15:04:05.000 "))
	level := record.Level.String()
	h.line.WriteString(level + "     "[min(len(level), 5):] + " " + oneLine(record.Message))
	if record.NumAttrs() > 0 || h.attributed {
		h.line.WriteString("  ")
	}
	if err := h.Handler.Handle(ctx, record); err != nil {
		return err
	}
	_, err := h.line.out.Write(h.line.Bytes())
	return err
}

// oneLine keeps a message from looking like two.
func oneLine(message string) string {
	return string(bytes.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, []byte(message)))
}

func (h *textHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &textHandler{h.Handler.WithAttrs(attrs), h.line, h.attributed || len(attrs) > 0}
}

func (h *textHandler) WithGroup(name string) slog.Handler {
	return &textHandler{h.Handler.WithGroup(name), h.line, h.attributed}
}
