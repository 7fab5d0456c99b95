package bustest

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"time"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// idle leaves transactions open that have written something: in another schema beside the modules' and in
// another database of the same server, or in other files. What it returns ends them, if they were not ended before.
func (f *flood) idle() (end func()) {
	ends := []func(){f.idleAt(f.places)}
	if kind := databasetest.Dialect(); kind == database.SQLite {
		ends = append(ends, f.idleAt(databasetest.Places(f)), f.readOnAndOn(f.sources[0]))
	} else {
		ends = append(ends, f.idleAt(databasetest.Apart(f, kind)))
	}
	return func() {
		for _, end := range ends {
			end()
		}
	}
}

func (f *flood) idleAt(places database.Places) (end func()) {
	require.NoError(f, databasetest.Reopen(f, places, "bystander", migrations).Close())
	place, err := places("bystander")
	require.NoError(f, err)
	db := f.dial(place, "bystander")
	f.Cleanup(func() { _ = db.Close() })
	tx, err := db.BeginTx(context.Background(), nil)
	require.NoError(f, err)
	f.Cleanup(func() { _ = tx.Rollback() }) // a test that failed does not come to its end
	const write = "INSERT INTO effects (event_key, version, note) VALUES ('idle', 1, '')"
	_, err = tx.Exec(write)
	require.NoError(f, err)
	return func() {
		_, err := tx.Exec(write)
		require.NoError(f, err, "the idle transaction has ended before its time")
		require.NoError(f, tx.Commit())
	}
}

// dial connects to a module's database beside the platform, which does not let anybody be idle.
func (f *flood) dial(place database.Options, module string) *sql.DB {
	driver, dsn := "sqlite", "file:"+filepath.Join(place.Dir, module+".db")
	u, err := url.Parse(place.URL)
	require.NoError(f, err)
	switch databasetest.Dialect() {
	case database.Postgres:
		if query := u.Query(); !query.Has("search_path") {
			query.Set("search_path", database.Schema(module))
			u.RawQuery = query.Encode()
		}
		driver, dsn = "pgx", u.String()
	case database.MySQL:
		password, _ := u.User.Password()
		driver, dsn = "mysql", fmt.Sprintf("%s:%s@tcp(%s)%s", u.User.Username(), password, u.Host, u.Path)
	}
	db, err := sql.Open(driver, dsn)
	require.NoError(f, err)
	return db
}

// readOnAndOn keeps a snapshot of a module's own database, for a minute at most: the write-ahead log of
// an SQLite file grows for as long as somebody reads.
func (f *flood) readOnAndOn(m *module) (end func()) {
	began, enough, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- m.db.Read(context.Background(), func(_ context.Context, tx *gorm.DB) error {
			if err := tx.Take(&versionRow{}).Error; err != nil {
				return err
			}
			close(began)
			select {
			case <-enough:
			case <-time.After(time.Minute):
			}
			return tx.Take(&versionRow{}).Error
		})
	}()
	<-began
	return func() {
		close(enough)
		require.NoError(f, <-done, "the snapshot was lost")
	}
}
