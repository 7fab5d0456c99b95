package discovery_test

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/pangaea-shop/pangaea/platform/discovery"
)

// A zone is a DNS server that knows one name.
type zone struct {
	conn net.PacketConn
	has  atomic.Pointer[[]netip.Addr] // the addresses of the name; without any there is no such name
}

func newZone(t *testing.T) *zone {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	z := &zone{conn: conn}
	z.becomes()
	go z.serve()
	usual := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = usual; _ = conn.Close() })
	return z
}

func (z *zone) becomes(addresses ...string) {
	var has []netip.Addr
	for _, a := range addresses {
		has = append(has, netip.MustParseAddr(a))
	}
	z.has.Store(&has)
}

func (z *zone) serve() {
	for packet := make([]byte, 512); ; {
		n, from, err := z.conn.ReadFrom(packet)
		if err != nil {
			return
		}
		var m dnsmessage.Message
		if m.Unpack(packet[:n]) != nil || len(m.Questions) == 0 {
			continue
		}
		answer, err := z.answer(m.ID, m.Questions[0])
		if err == nil {
			_, _ = z.conn.WriteTo(answer, from)
		}
	}
}

func (z *zone) answer(id uint16, q dnsmessage.Question) ([]byte, error) {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: id, Response: true, Authoritative: true, RecursionAvailable: true},
		Questions: []dnsmessage.Question{q},
	}
	has := *z.has.Load()
	if len(has) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range has {
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: a.As4()},
			})
		}
	}
	return m.Pack()
}

// A name stands for whoever DNS has for it at the moment, as Compose and headless services do while processes come and go.
func TestANameStandsForWhoeverIsThere(t *testing.T) {
	dns := newZone(t)
	directory := discovery.Static{"ordering": {discovery.HTTP: {"ordering.example:8080"}}}

	for _, now := range [][]string{{"10.0.0.2"}, {"10.0.0.2", "10.0.0.7", "10.0.0.11"}, {"10.0.0.7"}} {
		dns.becomes(now...)
		found, err := directory.Lookup(t.Context(), "ordering", discovery.HTTP)
		require.NoError(t, err)
		var want []string
		for _, address := range now {
			want = append(want, address+":8080")
		}
		slices.Sort(want)
		require.Equal(t, want, found)
	}

	dns.becomes()
	_, err := directory.Lookup(t.Context(), "ordering", discovery.HTTP)
	require.ErrorContains(t, err, "find ordering")
}
