package bus_test

import (
	"log/slog"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.uber.org/goleak"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
)

func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // the suites fail on purpose, loudly
	goleak.VerifyTestMain(m)
}

func direct(testing.TB) (message.Publisher, message.Subscriber) {
	d := bus.NewDirect()
	return d, d
}

func TestDirectKeepsThePromises(t *testing.T) { bustest.Run(t, direct) }

func TestDirectPassesWatermillsSuite(t *testing.T) { bustest.Watermill(t, direct) }
