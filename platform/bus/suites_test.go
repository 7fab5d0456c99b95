package bus_test

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"os/exec"
	"testing"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"
	"github.com/stretchr/testify/require"
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

// knownBug, where it is set, has this test binary run the suite on Watermill's gochannel.
const knownBug = "PANGAEA_TEST_KNOWN_BUG"

// A suite counts only after it has been seen to fail. gochannel says success when nobody subscribed.
func TestGochannelBreaksThePromises(t *testing.T) {
	if os.Getenv(knownBug) != "" {
		bustest.RunImpatient(t, func(testing.TB) (message.Publisher, message.Subscriber) {
			c := gochannel.NewGoChannel(gochannel.Config{BlockPublishUntilSubscriberAck: true}, watermill.NopLogger{})
			return c, c
		})
		return
	}
	const broken = "an_absent_subscriber_delays_only_itself"
	again := exec.CommandContext(context.Background(), os.Args[0], "-test.run", "^"+t.Name()+"$/^"+broken+"$")
	again.Env = append(os.Environ(), knownBug+"=gochannel")
	output, err := again.CombinedOutput()

	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit, "gochannel passes: %s", output)
	require.True(t, bytes.Contains(output, []byte("--- FAIL: "+t.Name()+"/"+broken)), "%s", output)
	require.True(t, bytes.Contains(output, []byte("absent has not heard everything")), "%s", output)
}
