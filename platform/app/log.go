package app

import (
	"log/slog"
	"os"

	"go.uber.org/fx/fxevent"

	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

// logSettings say what is logged and how.
type logSettings struct {
	Format string     `env:"PANGAEA_LOG_FORMAT" default:"auto" oneof:"auto text json" doc:"text for people, json for programs; auto: text on a terminal"`
	Level  slog.Level `env:"PANGAEA_LOG_LEVEL" default:"info" doc:"the least important to log: debug, info, warn or error"`
}

// newLog makes the process's log. fx builds its own logger before anything else, so everything that
// follows is logged the same way; what fx itself says is for whoever looks for a mistake in the wiring.
func newLog(settings logSettings) fxevent.Logger {
	text := settings.Format == "text" || settings.Format == "auto" && terminal(os.Stderr)
	slog.SetDefault(telemetry.NewLogger(os.Stderr, text, settings.Level))
	wiring := &fxevent.SlogLogger{Logger: slog.Default()}
	wiring.UseLogLevel(slog.LevelDebug)
	wiring.UseErrorLevel(slog.LevelDebug)
	return wiring
}

func terminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
