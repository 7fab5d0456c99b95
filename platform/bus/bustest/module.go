package bustest

import (
	"context"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A module is one in a test: what it says is version after version of its keys, what it hears it writes down.
type module struct {
	lab  *lab
	name string
	db   *database.DB

	handlers  []Handler
	publisher message.Publisher // what its relay uses
	outbox    *outbox.Outbox
	relay     Relay
	inbox     *inbox.Inbox
	retries   inbox.Options
	events    *bus.Events
}

// impatient has what fails tried again at once, and what comes early kept almost at once.
var impatient = inbox.Options{
	Backoff:  func(int) time.Duration { return time.Millisecond },
	Poll:     5 * time.Millisecond,
	Patience: []time.Duration{time.Millisecond},
}

// module opens the database of a module.
func (l *lab) module(name string) *module {
	m := &module{lab: l, name: name, publisher: l.publisher, retries: impatient}
	m.open()
	l.Cleanup(func() { require.NoError(l, m.db.Close()) })
	return m
}

func (m *module) open() {
	m.db = databasetest.Reopen(m.lab, m.lab.places, m.name, migrations)
	m.outbox = outbox.New(m.db, m.lab.manifest)
}

// hears notes what the module listens to, before anything is started. handle is nil for writing it down.
func (m *module) hears(handle func(context.Context, *happened) error) *module {
	if handle == nil {
		handle = m.writeDown
	}
	m.handlers = []Handler{bus.On(handle)}
	m.lab.manifest.Hear(m.name, happened{}.EventName())
	return m
}

// start starts the module as a process would. It is stopped with the test at the latest.
func (m *module) start() *module {
	m.listen()
	m.speak()
	return m
}

func (m *module) listen() {
	ears := m.lab.Ears(m.lab, Ears{m.lab.subscriber, m.db, m.handlers})
	m.inbox = inbox.New(ears.Inbox, m.retries)
	m.events = bus.NewEvents(m.name, ears.Subscriber, m.inbox, m.lab.manifest)
	if len(ears.Handlers) > 0 {
		require.NoError(m.lab, m.events.Listen(ears.Handlers...))
	}
	require.NoError(m.lab, m.events.Start(m.lab.Context()))
	m.lab.Cleanup(m.stopListening)
}

func (m *module) speak() {
	m.relay = m.lab.Relay(m.db, m.outbox, m.publisher)
	require.NoError(m.lab, m.relay.Start(m.lab.Context()))
	m.lab.Cleanup(m.stopSpeaking)
}

func (m *module) stopListening() {
	if m.events != nil {
		require.NoError(m.lab, m.events.Stop(context.Background()))
		m.events = nil
	}
}

func (m *module) stopSpeaking() {
	if m.relay != nil {
		require.NoError(m.lab, m.relay.Stop(context.Background()))
		m.relay = nil
	}
}

// die ends the module's relay without letting it finish anything.
func (m *module) die() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = m.relay.Stop(ctx)
	m.relay = nil
}
