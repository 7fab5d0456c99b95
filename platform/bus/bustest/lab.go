package bustest

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

//go:embed sqlite/*.sql
var migrations embed.FS

// happened is the event of most tests: version counts the changes of its key.
type happened struct {
	Key     string `json:"key"`
	Version int    `json:"version"`
	Note    string `json:"note,omitempty"`
}

func (happened) EventName() string  { return "lab.Happened" }
func (e happened) EventKey() string { return e.Key }

// followed is what a handler announces in turn.
type followed struct{ happened }

func (followed) EventName() string { return "lab.Followed" }

// A lab is a carrier and the modules that a test joins with it.
type lab struct {
	*testing.T
	publisher  message.Publisher
	subscriber message.Subscriber
	manifest   outbox.Manifest
	patience   time.Duration
}

func newLab(t *testing.T, carrier Carrier, patience time.Duration) *lab {
	pub, sub := carrier(t)
	l := &lab{T: t, publisher: pub, subscriber: sub, manifest: outbox.Manifest{}, patience: patience}
	t.Cleanup(func() { require.NoError(t, errors.Join(pub.Close(), sub.Close())) })
	return l
}

// A module is one in a test: what it says is version after version of its keys, what it hears it writes down.
type module struct {
	lab  *lab
	name string
	dir  string
	db   *database.DB

	handlers  []cqrs.GroupEventHandler
	publisher message.Publisher // what its relay uses
	outbox    *outbox.Outbox
	relay     *outbox.Relay
	inbox     *inbox.Inbox
	events    *bus.Events
}

// module opens the database of a module.
func (l *lab) module(name string) *module {
	m := &module{lab: l, name: name, dir: l.TempDir(), publisher: l.publisher}
	m.open()
	l.Cleanup(func() { require.NoError(l, m.db.Close()) })
	return m
}

func (m *module) open() {
	db, err := database.Open(m.lab.Context(), m.name, database.Options{Dir: m.dir, Migrations: migrations})
	require.NoError(m.lab, err)
	m.db = db
	m.outbox = outbox.New(db, m.lab.manifest)
}

// hears notes what the module listens to, before anything is started. handle is nil for writing it down.
func (m *module) hears(handle func(context.Context, *happened) error) *module {
	if handle == nil {
		handle = m.writeDown
	}
	m.handlers = []cqrs.GroupEventHandler{bus.On(handle)}
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
	m.inbox = inbox.New(m.db, inbox.Options{Backoff: func(int) time.Duration { return time.Millisecond }, Poll: 5 * time.Millisecond})
	m.events = bus.NewEvents(m.name, m.lab.subscriber, m.inbox, m.lab.manifest)
	if len(m.handlers) > 0 {
		require.NoError(m.lab, m.events.Listen(m.handlers...))
	}
	require.NoError(m.lab, m.events.Start(m.lab.Context()))
	m.lab.Cleanup(m.stopListening)
}

func (m *module) speak() {
	m.relay = outbox.NewRelay(m.outbox, m.publisher, outbox.RelayOptions{Poll: 20 * time.Millisecond})
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

type versionRow struct {
	EventKey string `gorm:"column:event_key;primaryKey"`
	Version  int    `gorm:"column:version"`
}

func (versionRow) TableName() string { return "versions" }

type effectRow struct {
	ID       int64  `gorm:"column:id;primaryKey"`
	EventKey string `gorm:"column:event_key"`
	Version  int    `gorm:"column:version"`
	Note     string `gorm:"column:note"`
}

func (effectRow) TableName() string { return "effects" }

// change makes the next version of a key and announces it.
func (m *module) change(key string) error {
	return m.changeAnd(key, func() error { return nil })
}

// changeAnd does so if what comes last succeeds.
func (m *module) changeAnd(key string, last func() error) error {
	return m.db.Do(context.Background(), func(ctx context.Context, tx *gorm.DB) error {
		row := versionRow{EventKey: key}
		err := tx.Clauses(clause.Locking{Strength: "UPDATE"}).Take(&row).Error
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		row.Version++
		if err := tx.Save(&row).Error; err != nil {
			return err
		}
		if err := m.outbox.Add(ctx, happened{Key: key, Version: row.Version}); err != nil {
			return err
		}
		return last()
	})
}

// changes makes so many versions of every key.
func (m *module) changes(keys []string, versions int) {
	m.lab.Helper()
	for range versions {
		for _, key := range keys {
			require.NoError(m.lab, m.change(key))
		}
	}
}

// writeDown is the effect of hearing something.
func (m *module) writeDown(ctx context.Context, e *happened) error {
	return m.db.Do(ctx, func(_ context.Context, tx *gorm.DB) error {
		return tx.Create(&effectRow{EventKey: e.Key, Version: e.Version, Note: e.Note}).Error
	})
}

// effects are the versions that the module wrote down, by key, in order.
func (m *module) effects() map[string][]int {
	m.lab.Helper()
	var rows []effectRow
	require.NoError(m.lab, m.db.Read(context.Background(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Order("id").Find(&rows).Error
	}))
	effects := map[string][]int{}
	for _, r := range rows {
		effects[r.EventKey] = append(effects[r.EventKey], r.Version)
	}
	return effects
}

func (m *module) heardSoFar() int {
	m.lab.Helper()
	var n int64
	require.NoError(m.lab, m.db.Read(context.Background(), func(_ context.Context, tx *gorm.DB) error {
		return tx.Model(&effectRow{}).Count(&n).Error
	}))
	return int(n)
}

// heard waits until the module has written down as much as is wanted, and compares it.
func (m *module) heard(want map[string][]int) {
	m.lab.Helper()
	m.lab.eventually(func() bool { return m.heardSoFar() >= count(want) }, "%s has not heard everything", m.name)
	require.Equal(m.lab, want, m.effects())
}

// rests waits until nothing is on its way from the module.
func (m *module) rests() {
	m.lab.Helper()
	m.lab.eventually(func() bool { return m.pending() == 0 }, "%s has deliveries left", m.name)
}

func (m *module) pending() (n int64) {
	m.lab.Helper()
	backlog, err := m.outbox.Backlog(context.Background())
	require.NoError(m.lab, err)
	for _, b := range backlog {
		n += b.Pending
	}
	return n
}

// letters are what the module's inbox keeps.
func (m *module) letters(state inbox.State) []inbox.Letter {
	m.lab.Helper()
	list, err := m.inbox.Letters(context.Background(), inbox.LetterFilter{State: state})
	require.NoError(m.lab, err)
	return list
}

func (l *lab) eventually(condition func() bool, message string, args ...any) {
	l.Helper()
	require.Eventuallyf(l, condition, l.patience, 5*time.Millisecond, message, args...)
}

// measured is the sum of a measurement of the module since it was started.
func (m *module) measured(name string) (total float64) {
	m.lab.Helper()
	registry := prometheus.NewPedanticRegistry()
	if m.inbox != nil {
		registry.MustRegister(m.inbox)
	}
	if m.relay != nil {
		registry.MustRegister(m.relay)
	}
	families, err := registry.Gather()
	require.NoError(m.lab, err)
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, metric := range family.GetMetric() {
			total += metric.GetCounter().GetValue() + metric.GetGauge().GetValue()
		}
	}
	return total
}

// keys are so many different keys.
func keys(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("key-%03d", i)
	}
	return list
}

// upTo is what hearing so many versions of every key leaves.
func upTo(keys []string, versions int) map[string][]int {
	want := map[string][]int{}
	for _, key := range keys {
		for v := 1; v <= versions; v++ {
			want[key] = append(want[key], v)
		}
	}
	return want
}

func count(effects map[string][]int) (n int) {
	for _, versions := range effects {
		n += len(versions)
	}
	return n
}
