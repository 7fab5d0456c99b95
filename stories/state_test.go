package stories

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// A witness sees, from beside the shop, whether it writes anything at all.
type witness struct {
	t testing.TB
	sight
	heads map[string]string // as they were when nothing went on
	rows  map[string]string // digest of each table's rows, likewise
}

// A sight is what can be seen of one kind of database.
type sight interface {
	// look returns, by name, what changes with everything that is written.
	look() map[string]string
	// digests tells the contents of every table, so that a change can be named.
	digests() map[string]string
	// rowsOf counts what is committed to a module's table.
	rowsOf(module, table string) int
}

// witness begins to watch the shop's databases.
func (s *shop) witness() *witness {
	s.t.Helper()
	if s.server != "" {
		return &witness{t: s.t, sight: watchServer(s.t, databasetest.Dialect(), s.server)}
	}
	return &witness{t: s.t, sight: watchFiles(s.t, s.dir)}
}

// settles waits until nothing goes on in the shop any more, and remembers how things are then.
func (w *witness) settles() {
	w.t.Helper()
	still := time.Second
	if raceEnabled || split() { // then all is slow, and rests in between
		still *= 2
	}
	now, since := w.look(), time.Now()
	eventually(w.t, func() bool {
		before := now
		if now = w.look(); !maps.Equal(before, now) {
			since = time.Now()
		}
		return time.Since(since) > still
	}, "the shop does not come to rest")
	w.heads, w.rows = now, w.digests()
}

// changes names the tables that are not as they were when the shop came to rest, or at the last call.
func (w *witness) changes() (names []string) {
	w.t.Helper()
	now := w.look()
	if maps.Equal(w.heads, now) {
		return nil
	}
	rows := w.digests()
	defer func() { w.heads, w.rows = now, rows }()
	for table, digest := range rows {
		if w.rows[table] != digest {
			names = append(names, table)
		}
	}
	slices.Sort(names)
	return names
}
