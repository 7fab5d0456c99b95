package bustest

import (
	"context"
	"fmt"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/pangaea-shop/pangaea/platform/inbox"
)

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
		row := versionRow{EventKey: key, Version: 1}
		next := clause.Assignments(map[string]any{"version": gorm.Expr("versions.version + 1")})
		if err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "event_key"}}, DoUpdates: next}).Create(&row).Error; err != nil {
			return err
		}
		if err := tx.Take(&row).Error; err != nil {
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
	require.Equal(m.lab, want, m.effects(), "%s has not heard each once and in order", m.name)
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
