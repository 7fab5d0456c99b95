package database_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

func TestAServerThatComesAfterTheProcess(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		cut := &cutter{}
		cut.away.Store(true)
		log := listenToTheLog()
		before := len(log.waits("early"))
		opened := make(chan *database.DB, 1)
		places = cut.before(t, places)
		go func() { opened <- databasetest.Reopen(t, places, "early", nil) }()

		require.Eventually(t, func() bool { return cut.refused.Load() > 3 }, 20*time.Second, 10*time.Millisecond)
		cut.away.Store(false)

		db := <-opened
		require.NoError(t, db.Close())
		require.Len(t, log.waits("early"), before+1)
	})
}

func TestAServerThatDoesNotComeIsNotWaitedForLongerThanTheCallerWaits(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		cut := &cutter{}
		cut.away.Store(true)
		place, err := cut.before(t, places)("diary")
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error, 1)
		go func() { _, err := database.Open(ctx, "diary", place); failed <- err }()

		require.Eventually(t, func() bool { return cut.refused.Load() > 0 }, 20*time.Second, 10*time.Millisecond)
		cancel()

		select {
		case err = <-failed:
			require.Error(t, err)
		case <-time.After(10 * time.Second):
			t.Fatal("it waits for nobody")
		}
	})
}

// A role that has all the connections it may have is told what a full server tells everybody.
func TestAServerThatIsFullWhenTheProcessStarts(t *testing.T) {
	onServer(t, func(t *testing.T, places database.Places) {
		place, err := places("crowded")
		require.NoError(t, err)
		place.URL = asRole(t, place.URL)
		crowd := databasetest.Connect(t, databasetest.Dialect(), place.URL)
		var held []*sql.Conn
		for range connections {
			conn, err := crowd.Conn(t.Context())
			require.NoError(t, err)
			held = append(held, conn)
		}
		log := listenToTheLog()
		before := len(log.waits("crowded"))
		type result struct {
			db  *database.DB
			err error
		}
		opened := make(chan result, 1)
		go func() { db, err := database.Open(t.Context(), "crowded", place); opened <- result{db, err} }()

		require.Eventually(t, func() bool { return len(log.waits("crowded")) > before }, 20*time.Second, 10*time.Millisecond)
		for _, conn := range held {
			require.NoError(t, conn.Close())
		}
		require.NoError(t, crowd.Close())

		r := <-opened
		require.NoError(t, r.err)
		require.NoError(t, r.db.Close())
	})
}

// connections is how many a role of asRole may have.
const connections = 4

// asRole returns the URL of a database for a role of its own, which may have few connections.
func asRole(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	require.NoError(t, err)
	role, schema := "pangaea_t_"+strings.ToLower(rand.Text()[:10]), strings.Trim(u.Path, "/")
	admin := databasetest.Connect(t, databasetest.Dialect(), address)
	exec := func(statement string) {
		_, err := admin.Exec(statement)
		require.NoError(t, err, statement)
	}
	if databasetest.Dialect() == database.MySQL {
		exec(fmt.Sprintf("CREATE USER %s IDENTIFIED BY 'secret' WITH MAX_USER_CONNECTIONS %d", role, connections))
		t.Cleanup(func() { exec("DROP USER " + role) })
		exec("GRANT ALL ON " + schema + ".* TO " + role)
	} else {
		exec(fmt.Sprintf("CREATE ROLE %s LOGIN PASSWORD 'secret' CONNECTION LIMIT %d", role, connections))
		t.Cleanup(func() { exec("DROP OWNED BY " + role); exec("DROP ROLE " + role) })
		exec("GRANT CREATE ON DATABASE " + schema + " TO " + role)
	}
	u.User = url.UserPassword(role, "secret")
	return u.String()
}

// A journal is a log that can be read while it is written.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write adds to it.
func (j *journal) Write(line []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(line)
}

// waits are the lines that say that a module waits for its database.
func (j *journal) waits(module string) (lines []string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for line := range strings.Lines(j.text.String()) {
		if strings.Contains(line, "waiting for the database server") && strings.Contains(line, "module="+module+" ") {
			lines = append(lines, line)
		}
	}
	return lines
}

// listenToTheLog returns what all tests log: they run beside each other, and there is one log.
var listenToTheLog = sync.OnceValue(func() *journal {
	log := &journal{}
	slog.SetDefault(slog.New(slog.NewTextHandler(io.MultiWriter(log, os.Stderr), nil)))
	return log
})
