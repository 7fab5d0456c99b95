package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
)

// A log passes on what the server says, and remembers what it could not go on from.
type log struct{ why atomic.Pointer[error] }

// fatal is that, nil if there is none.
func (l *log) fatal() error {
	if why := l.why.Load(); why != nil {
		return *why
	}
	return nil
}

// Fatalf is said once, by a server that does not start.
func (l *log) Fatalf(format string, args ...any) {
	why := fmt.Errorf(format, args...)
	l.why.CompareAndSwap(nil, &why)
}

func (l *log) Errorf(format string, args ...any)  { say(slog.LevelError, format, args) }
func (l *log) Warnf(format string, args ...any)   { say(slog.LevelWarn, format, args) }
func (l *log) Noticef(format string, args ...any) { say(slog.LevelDebug, format, args) }
func (l *log) Debugf(format string, args ...any)  { say(slog.LevelDebug, format, args) }
func (l *log) Tracef(format string, args ...any)  { say(slog.LevelDebug, format, args) }

func say(level slog.Level, format string, args []any) {
	slog.Log(context.Background(), level, "message server: "+fmt.Sprintf(format, args...))
}
