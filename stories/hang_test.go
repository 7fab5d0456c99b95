package stories

import (
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// A server that hangs refuses nothing: it takes what it is sent and is silent.
func TestADatabaseServerThatHangs(t *testing.T) {
	t.Parallel()
	kind := databasetest.Dialect()
	if kind == database.SQLite {
		return // there is no server: see the database that somebody else has locked
	}
	server := databasetest.Server(t, kind)
	at, wire := hold(t, server)
	shop := open(t, "PANGAEA_DATABASE_URL="+at)
	shop.server = server
	shop.staff().sells("GONG", 1500, 10)
	ada, door := shop.customer("ada"), shop.watched()
	ada.becomes(ada.place("tok_approve", "GONG", 1).ID, "delivered")

	struck := time.Now()
	wire.hangs()
	unready := door.becomes(false)
	eventually(t, func() bool { return len(shop.says().Missing) > 10 }, "it is not said how much hangs") // several checks of each module
	require.Equal(t, http.StatusOK, shop.nobody().call(http.MethodGet, "/healthz", nil).status)

	healed := time.Now()
	wire.goesOn()
	ready := door.becomes(true)
	t.Logf("not ready after %s, ready after %s, it took at most %s to say", unready.Sub(struck), ready.Sub(healed), door.slow())
	if !raceEnabled {
		require.Less(t, unready.Sub(struck), inTime)
		require.Less(t, ready.Sub(healed), inTime)
		require.Less(t, door.slow(), inTime)
	}
	ada.becomes(ada.place("tok_approve", "GONG", 1).ID, "delivered")
	shop.isSound()
}

// A wire carries what is said between a shop and its database server, and may hang.
type wire struct {
	mu     sync.Mutex
	moving *sync.Cond
	hung   bool
}

// hold returns another address of a server, and the wire that leads there.
func hold(t *testing.T, server string) (at string, w *wire) {
	t.Helper()
	there, err := url.Parse(server)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w = &wire{}
	w.moving = sync.NewCond(&w.mu)
	t.Cleanup(func() { w.goesOn(); _ = listener.Close() })
	host := there.Host
	go func() {
		for {
			shop, err := listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial("tcp", host)
			if err != nil {
				_ = shop.Close()
				continue
			}
			go w.carry(behind, shop)
			go w.carry(shop, behind)
		}
	}()
	there.Host = listener.Addr().String()
	return there.String(), w
}

// carry takes what one end says to the other, until either is gone.
func (w *wire) carry(to, from net.Conn) {
	defer func() { _ = to.Close() }()
	for words := make([]byte, 32<<10); ; {
		n, err := from.Read(words)
		w.mu.Lock()
		for w.hung {
			w.moving.Wait()
		}
		w.mu.Unlock()
		if _, broken := to.Write(words[:n]); broken != nil || err != nil {
			return
		}
	}
}

func (w *wire) hangs() { w.be(true) }

func (w *wire) goesOn() { w.be(false) }

func (w *wire) be(hung bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hung = hung
	w.moving.Broadcast()
}
