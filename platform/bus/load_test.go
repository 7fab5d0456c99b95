package bus_test

import (
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus/bustest"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// loadEvents, where it is set, is how many events `make load` has the tests announce; they measure then.
const loadEvents = "PANGAEA_TEST_EVENTS"

func TestNoneOfManyEventsIsMissed(t *testing.T) {
	events := some()
	if text := os.Getenv(loadEvents); text != "" {
		var err error
		events, err = strconv.Atoi(text)
		require.NoError(t, err, loadEvents)
	}
	bustest.Parts{Carrier: direct}.Flood(t, events)
}

// some is how many events every run of the tests has time for.
func some() int {
	switch {
	case bustest.RaceDetector:
		return 1_000
	case databasetest.Dialect() != database.SQLite:
		return 2_000 // a round trip for every statement
	}
	return 10_000
}

func TestPoisonStopsNobodyElse(t *testing.T) {
	parts := bustest.Parts{Carrier: direct}
	if os.Getenv(loadEvents) == "" {
		parts.Poison(t, some(), false)
		return
	}
	const events = 10_000
	var clean, poisoned []time.Duration // in turns: others may use the machine as well
	for range 5 {
		clean = append(clean, parts.Poison(t, events, true))
		poisoned = append(poisoned, parts.Poison(t, events, false))
	}
	slices.Sort(clean)
	slices.Sort(poisoned)
	t.Logf("%d events take %s, with 1 %% poison the others take %s: %.2f times as long (medians of %d; the goal is 2)",
		events, clean[2], poisoned[2], poisoned[2].Seconds()/clean[2].Seconds(), len(clean))
}
