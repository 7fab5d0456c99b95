package module_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/fx/fxtest"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A report is what /readyz says.
type report struct {
	Missing  map[string]string `json:"missing"`
	Concerns map[string]string `json:"concerns"`
}

// becomes waits until /readyz says what is wanted.
func becomes(t *testing.T, server *httpserver.Server, wanted func(report) bool) report {
	t.Helper()
	var now report
	require.Eventually(t, func() bool {
		answer := httptest.NewRecorder()
		server.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		now = report{}
		require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &now))
		delete(now.Missing, "http") // nobody listens in these tests
		return wanted(now)
	}, 30*time.Second, 10*time.Millisecond, "%+v", &now)
	return now
}

func fine(r report) bool { return len(r.Missing)+len(r.Concerns) == 0 }

// A clock is a module that announces what time it is.
type clock struct {
	server *httpserver.Server
	db     *database.DB
	box    *outbox.Outbox
	queue  *tasks.Queue
	wound  chan struct{} // closed when what is to be wound is
}

// wind starts a process with a clock in it that may be behind by next to nothing.
func wind(t *testing.T, options ...fx.Option) *clock {
	t.Helper()
	c := &clock{wound: make(chan struct{})}
	app := fxtest.New(t, process(t, t.TempDir()), fx.Replace(module.Limits{Backlog: 20 * time.Millisecond}),
		fx.Decorate(func(database.Places) database.Places { return databasetest.Places(t) }),
		fx.Module("clock", module.Parts("clock", nil), fx.Invoke(func(db *database.DB, box *outbox.Outbox, queue *tasks.Queue) {
			c.db, c.box, c.queue = db, box, queue.With(tasks.Policy{AtOnce: 1})
			queue.Handle("wind", func(context.Context, tasks.Task) error { <-c.wound; return nil })
		})),
		fx.Populate(&c.server), fx.Options(options...))
	app.RequireStart()
	t.Cleanup(app.RequireStop)
	return c
}

func (c *clock) do(t *testing.T, change func(ctx context.Context, tx *gorm.DB) error) {
	t.Helper()
	require.NoError(t, c.db.Do(t.Context(), change))
}

func (c *clock) strike(t *testing.T) {
	t.Helper()
	c.do(t, func(ctx context.Context, _ *gorm.DB) error { return c.box.Add(ctx, Struck{"noon"}) })
}

// due has something wound now.
func (c *clock) due(t *testing.T, which string) {
	t.Helper()
	c.do(t, func(ctx context.Context, _ *gorm.DB) error { return c.queue.Add(ctx, "wind", which, nil, time.Time{}) })
}

// A wire carries messages unless it is cut.
type wire struct {
	message.Publisher
	cut *atomic.Bool
}

func (w wire) Publish(topic string, messages ...*message.Message) error {
	if w.cut.Load() {
		return errors.New("the wire is cut")
	}
	return w.Publisher.Publish(topic, messages...)
}

func TestAProcessIsReadyWhileItsTablesCanBeRead(t *testing.T) {
	c := wind(t)
	becomes(t, c.server, fine)

	c.do(t, func(_ context.Context, tx *gorm.DB) error { return tx.Exec("ALTER TABLE tasks RENAME TO lost").Error })
	becomes(t, c.server, func(r report) bool { return r.Missing["clock tasks"] != "" })

	c.do(t, func(_ context.Context, tx *gorm.DB) error { return tx.Exec("ALTER TABLE lost RENAME TO tasks").Error })
	becomes(t, c.server, fine)
}

// ringer is a module that hears the clock, when it does.
var ringer = fx.Module("ringer", module.Parts("ringer", nil), fx.Invoke(func(events *bus.Events) error {
	return events.Listen(bus.On(func(context.Context, *Struck) error { return nil }))
}))

func TestAProcessIsReadyWhileItTalksToItself(t *testing.T) {
	var cut atomic.Bool
	cut.Store(true)
	c := wind(t, ringer, fx.Decorate(func(p message.Publisher) message.Publisher { return wire{p, &cut} }))
	becomes(t, c.server, fine)

	c.strike(t)
	now := becomes(t, c.server, func(r report) bool { return len(r.Missing) > 0 })
	require.Regexp(t, `^ringer lacks 1 events, the oldest for \d+s, and gets none$`, now.Missing["clock outbox"])

	cut.Store(false)
	becomes(t, c.server, fine)
}

// What carries the events of a process to itself may be down without it: customers should still be served here.
func TestAProcessIsReadyWhileItsMessageServerIsDown(t *testing.T) {
	var cut atomic.Bool
	cut.Store(true)
	addresses, err := bus.AddressesOf(config.Of(map[string]string{"PANGAEA_BUS_URL": "amqp://elsewhere"}), nil)
	require.NoError(t, err)
	c := wind(t, ringer, fx.Decorate(func(p message.Publisher) message.Publisher { return wire{p, &cut} }), fx.Supply(addresses))
	becomes(t, c.server, fine)

	c.strike(t)
	now := becomes(t, c.server, func(r report) bool { return strings.Contains(r.Concerns["clock outbox"], "and gets none") })
	require.Empty(t, now.Missing)

	cut.Store(false)
	becomes(t, c.server, fine)
}

func TestAProcessIsReadyWhileItsNeighbourIsDown(t *testing.T) {
	c := wind(t) // and no ringer

	c.strike(t)
	now := becomes(t, c.server, func(r report) bool { return len(r.Concerns) > 0 })

	require.Empty(t, now.Missing)
	require.Contains(t, now.Concerns["clock outbox"], "ringer lacks 1 events")
}

func TestAProcessIsReadyWhileItWaitsForTheWorld(t *testing.T) {
	c := wind(t)
	for _, which := range []string{"spring", "pendulum"} { // one at a time
		c.due(t, which)
	}
	now := becomes(t, c.server, func(r report) bool { return len(r.Concerns) > 0 })
	require.Empty(t, now.Missing)
	require.Regexp(t, `^a task has been due for \d+s$`, now.Concerns["clock tasks"])

	close(c.wound)
	becomes(t, c.server, fine)
}

func TestAProcessIsReadyWhileItDoesWhatIsDue(t *testing.T) {
	c := wind(t)
	close(c.wound)
	becomes(t, c.server, fine)

	require.NoError(t, c.queue.Stop(t.Context())) // as if nobody looked any more
	c.due(t, "spring")

	now := becomes(t, c.server, func(r report) bool { return len(r.Missing) > 0 })
	require.Contains(t, now.Missing, "clock tasks")
}
