package gateway_test

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// A crowd sends forms, which nobody can send again: they have no Idempotency-Key.
type crowd struct {
	t        testing.TB
	answered atomic.Int64
	away     atomic.Bool
	people   sync.WaitGroup
}

func (o *opened) crowd(people int) *crowd {
	c := &crowd{t: o.t}
	address := o.server.Address()
	for range people {
		c.people.Go(func() {
			for !c.away.Load() {
				got, err := ask(o.client, address, http.MethodPost, "/api/v1/things", `{"name":"a"}`)
				if err != nil || got.status != http.StatusCreated {
					c.t.Errorf("after %d answers: %d %s %v", c.answered.Load(), got.status, got.body, err)
					return
				}
				c.answered.Add(1)
			}
		})
	}
	return c
}

// served waits until so many more have been answered.
func (c *crowd) served(more int64) {
	c.t.Helper()
	before := c.answered.Load()
	require.Eventually(c.t, func() bool { return c.answered.Load() >= before+more || c.t.Failed() }, 30*time.Second, time.Millisecond)
}

func (c *crowd) leave() {
	c.away.Store(true)
	c.people.Wait()
}

func TestARestartOfTheOnlyInstanceFailsNoRequest(t *testing.T) {
	n := newTown(t)
	only := n.host(stays(t), "things")
	n.list("things", only.Address())
	o := n.open(defaults)
	crowd := o.crowd(8)
	for range 3 {
		crowd.served(100)
		require.NoError(t, only.Stop(t.Context()))
		only = n.host(only.Address(), "things")
	}
	crowd.served(100)
	crowd.leave()
}

func TestARollingRestartFailsNoRequest(t *testing.T) {
	n := newTown(t)
	a, b := n.host(stays(t), "things"), n.host(stays(t), "things")
	n.list("things", a.Address(), b.Address())
	o := n.open(defaults)
	o.measures(`gateway_instances{module="things",state="well"} `, "2")
	crowd := o.crowd(8)
	for _, instance := range []*httpserver.Server{a, b} {
		crowd.served(100)
		require.NoError(t, instance.Stop(t.Context()))
		crowd.served(100) // by the other one
		n.host(instance.Address(), "things")
		o.measures(`gateway_instances{module="things",state="well"} `, "2")
	}
	crowd.leave()
}

func TestARestartOfTheGatewayFailsNoRequest(t *testing.T) {
	n := newTown(t)
	n.list("things", n.host("127.0.0.1:0", "things").Address())
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	open := func() *opened {
		file, err := socket.(*net.TCPListener).File()
		require.NoError(t, err)
		defer func() { _ = file.Close() }()
		fd, err := syscall.Dup(int(file.Fd()))
		require.NoError(t, err)
		return n.openAt(fmt.Sprintf("fd:%d", fd), defaults)
	}
	o := open()
	crowd := o.crowd(8)
	for range 3 {
		crowd.served(100)
		require.NoError(t, o.server.Stop(t.Context()))
		o = open()
	}
	crowd.served(100)
	crowd.leave()
}

func TestWhatIsWorkedOnMayMove(t *testing.T) {
	n := newTown(t)
	here, there := n.host("127.0.0.1:0", "things"), n.host("127.0.0.1:0", "things")
	n.list("things", here.Address())
	o := n.open(defaults)
	crowd := o.crowd(4)
	crowd.served(50)
	n.list("things")
	o.measures(`gateway_waiting_requests{module="things"} `, "4")
	n.list("things", there.Address())
	crowd.served(50)
	crowd.leave()
}
