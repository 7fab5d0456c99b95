package stories

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// Two shops on one database server of their own, while both, the server, its connections and the clock
// fail at random moments, and somebody else keeps a transaction open all the time.
func TestNothingIsLostToFaultsOfAServer(t *testing.T) {
	kind := databasetest.Dialect()
	if kind == database.SQLite {
		return // its faults are those of the process: see the power cuts
	}
	count, seed := faults(t)
	random := rand.New(rand.NewPCG(seed, 1))
	c := &chaos{t: t, kind: kind, cluster: databasetest.Own(t, kind), seen: map[string]int{}}
	c.idle()
	first := open(t, "PANGAEA_DATABASE_URL="+c.cluster.URL(c.database()))
	first.server = c.cluster.URL(c.database())
	c.shops = []*shop{first, first.twin()}
	first.isSound() // which builds what the checks run
	customers := gather(seed, c.shops...)

	names := []string{"kill a shop", "kill a connection", "kill a connection", "kill the server", "set the clock"}
	for done := 0; done < count || done < 3*count && c.provesNothing() != ""; {
		<-time.After(time.Duration(200+random.IntN(600)) * time.Millisecond)
		busy := customers.busy()
		name := names[random.IntN(len(names))]
		c.strike(name, random)
		if busy {
			done++
			c.seen[name]++
		}
	}
	proof := c.provesNothing()
	orders := customers.leaves(first)
	c.count(c.shops...)
	t.Logf("%v; %d orders, %.0f deliveries repeated, %.0f came early, %.0f units of work ran again, ready again after at most %s",
		c.seen, orders, c.repeated, c.early, c.reran, c.slowest)
	require.Empty(t, proof, "the run proves nothing, repeat it")
}

// A chaos is what befalls two shops and their database server.
type chaos struct {
	t       *testing.T
	kind    database.Dialect
	cluster *databasetest.Cluster
	shops   []*shop
	seen    map[string]int

	repeated, early, reran float64
	slowest                time.Duration
}

// database is the name of the shops' database, which is there.
func (c *chaos) database() string {
	if c.kind == database.Postgres {
		return "postgres"
	}
	return "pangaea"
}

// idle opens a transaction beside the shops that writes and does not end.
func (c *chaos) idle() {
	c.t.Helper()
	name := "postgres"
	if c.kind == database.MySQL {
		name = "mysql"
	}
	db := databasetest.Connect(c.t, c.kind, c.cluster.URL(name))
	if c.kind == database.MySQL {
		_, err := db.Exec("CREATE DATABASE IF NOT EXISTS beside")
		require.NoError(c.t, err)
	} else {
		_, err := db.Exec("CREATE SCHEMA IF NOT EXISTS beside")
		require.NoError(c.t, err)
	}
	_, err := db.Exec("CREATE TABLE IF NOT EXISTS beside.things (id INTEGER)")
	require.NoError(c.t, err)
	tx, err := db.Begin()
	require.NoError(c.t, err)
	_, err = tx.Exec("INSERT INTO beside.things VALUES (1)")
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = tx.Rollback() })
}

// strike does one thing to them, and waits until both shops are ready again.
func (c *chaos) strike(name string, random *rand.Rand) {
	c.t.Helper()
	switch name {
	case "kill a shop":
		s := c.shops[random.IntN(len(c.shops))]
		c.count(s)
		s.kill()
		c.slowest = max(c.slowest, s.start())
	case "kill a connection":
		c.disconnect()
	case "kill the server":
		c.cluster.Kill()
		c.cluster.Start()
		c.idle()
	case "set the clock":
		c.setClock(time.Duration(random.IntN(121)-60) * time.Minute)
	}
	began := time.Now()
	for _, s := range c.shops {
		s.ready()
	}
	c.slowest = max(c.slowest, time.Since(began))
	if name != "set the clock" {
		c.shops[0].isSound()
	}
}

// count adds what shops have counted, which is lost when they end.
func (c *chaos) count(shops ...*shop) {
	for _, s := range shops {
		c.repeated += s.metric(duplicates)
		c.early += s.metric("pangaea_inbox_waited_total")
		c.reran += s.metric("pangaea_database_reruns_total")
	}
}

// provesNothing says what has not happened yet, without which it would have been easy to lose nothing.
func (c *chaos) provesNothing() string {
	seen := *c
	seen.count(c.shops...)
	switch {
	case seen.repeated == 0:
		return "no delivery was repeated"
	case seen.reran == 0:
		return "no unit of work ran again"
	}
	return ""
}

// disconnect ends one of the shops' connections, in the middle of whatever it does.
func (c *chaos) disconnect() {
	c.t.Helper()
	db := databasetest.Connect(c.t, c.kind, c.cluster.URL(c.database()))
	defer func() { _ = db.Close() }()
	if c.kind == database.Postgres {
		_, err := db.Exec(`SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity
			WHERE application_name LIKE 'pangaea %' ORDER BY state = 'active' DESC, random() LIMIT 1) AS victim`)
		require.NoError(c.t, err)
		return
	}
	for _, id := range texts(c.t, db, "SELECT id FROM information_schema.processlist WHERE db LIKE 'pangaea%' ORDER BY RAND() LIMIT 1") {
		_, _ = db.Exec("KILL " + id) // it may have ended by itself
	}
}

// setClock lets everything that is due be due that much later, or earlier: so it looks after the clock was set.
func (c *chaos) setClock(by time.Duration) {
	c.t.Helper()
	by = min(by, 5*time.Second) // nobody waits for an hour here
	db := databasetest.Connect(c.t, c.kind, c.cluster.URL(c.database()))
	defer func() { _ = db.Close() }()
	tables := texts(c.t, db, "SELECT CONCAT(table_schema, '.', table_name) FROM information_schema.columns WHERE column_name = 'due_at'")
	require.NotEmpty(c.t, tables)
	for _, table := range tables {
		_, err := db.Exec(fmt.Sprintf("UPDATE %s SET due_at = due_at + %d", table, by.Microseconds()))
		if err != nil { // a deadlock with a shop, which then has won
			c.t.Logf("the clock of %s stays: %v", table, err)
		}
	}
}
