package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// follow counts, from the number after Last-Event-ID, and never ends by itself.
func (n *town) follow(api huma.API) {
	huma.Get(api, "/api/v1/events", func(_ context.Context, in *struct {
		Last int `header:"Last-Event-ID"`
	},
	) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(c huma.Context) {
			c.SetHeader("Content-Type", "text/event-stream")
			c.SetStatus(http.StatusOK)
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for number := in.Last + 1; ; number++ {
				_, _ = fmt.Fprintf(c.BodyWriter(), "id: %d\n\n", number)
				c.BodyWriter().(http.Flusher).Flush()
				select {
				case <-tick.C:
				case <-c.Context().Done():
					return
				}
			}
		}}, nil
	}, auth.Anyone, httpserver.Streaming)
}

// A listener reads a stream.
type listener struct {
	t        testing.TB
	response *http.Response
	lines    *bufio.Scanner
	last     string
}

func (o *opened) listen(last string) *listener {
	o.t.Helper()
	request, err := http.NewRequestWithContext(o.t.Context(), http.MethodGet, "http://"+o.server.Address()+"/api/v1/events", http.NoBody)
	require.NoError(o.t, err)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	response, err := o.client.Do(request)
	require.NoError(o.t, err)
	require.Equal(o.t, http.StatusOK, response.StatusCode)
	o.t.Cleanup(func() { _ = response.Body.Close() })
	return &listener{o.t, response, bufio.NewScanner(response.Body), last}
}

// hear reads the next event; false: the stream has ended.
func (l *listener) hear() bool {
	for l.lines.Scan() {
		if id, ok := strings.CutPrefix(l.lines.Text(), "id: "); ok {
			l.last = id
			return true
		}
	}
	return false
}

func TestAStreamPassesAsItComesAndGoesOnAfterARestart(t *testing.T) {
	n := newTown(t)
	first := n.host(stays(t), "things")
	n.list("things", first.Address())
	o := n.open(defaults)

	stream := o.listen("")
	for _, want := range []string{"1", "2", "3"} {
		require.True(t, stream.hear(), "while the module still writes")
		require.Equal(t, want, stream.last)
	}

	require.NoError(t, first.Stop(t.Context()))
	for stream.hear() {
	}
	require.NoError(t, stream.lines.Err(), "a module that stops ends its streams as they should end")
	n.host(first.Address(), "things")
	again := o.listen(stream.last)
	before := stream.last
	require.True(t, again.hear())
	var was, is int
	_, _ = fmt.Sscan(before, &was)
	_, _ = fmt.Sscan(again.last, &is)
	require.Equal(t, was+1, is)
}

func TestAStreamEndsWhenTheClientLeaves(t *testing.T) {
	n := newTown(t)
	left := make(chan struct{})
	n.raw(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		_, _ = fmt.Fprint(w, "id: 1\n\n")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		close(left)
	})
	stream := n.open(defaults).listen("")
	require.True(t, stream.hear())
	_ = stream.response.Body.Close()
	<-left
}

func TestAStreamEndsWhenTheGatewayStops(t *testing.T) {
	n := newTown(t)
	n.list("things", n.host("127.0.0.1:0", "things").Address())
	o := n.open(defaults)
	stream := o.listen("")
	require.True(t, stream.hear())
	stopped := make(chan error, 1)
	go func() { stopped <- o.server.Stop(context.Background()) }()
	for stream.hear() {
	}
	require.NoError(t, stream.lines.Err())
	require.NoError(t, <-stopped)
}

func TestAStreamThatBreaksOffIsNotTakenForOneThatEnds(t *testing.T) {
	n := newTown(t)
	n.raw(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = fmt.Fprint(w, "id: 1\n\n")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	stream := n.open(defaults).listen("")
	require.True(t, stream.hear())
	require.False(t, stream.hear())
	require.Error(t, stream.lines.Err())
}
