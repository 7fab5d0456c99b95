package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/ordering/internal/order"
	"github.com/pangaea-shop/pangaea/modules/ordering/internal/store"
)

type eventsInput struct {
	OrderPath
	LastEventID int64 `header:"Last-Event-ID" minimum:"0" doc:"Number of the history entry that was seen last"`
}

// How a live stream paces itself.
const (
	pollEvery    = 2 * time.Second  // sees what another process did to the order
	beatEvery    = 15 * time.Second // keeps what is in between from taking the silence for an end
	streamAtMost = 30 * time.Minute // then the client comes again, with a fresh token
	writeWithin  = 10 * time.Second
)

// events streams an order's history: what there is, then what is added, until the order has ended and
// is settled. It reads the rows, so that a client may go on with any instance.
func (h *Orders) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	p, reach := caller(ctx)
	state, err := h.orders.HistoryAfter(ctx, in.ID, reach, in.LastEventID)
	if err != nil {
		return nil, err
	}
	if err := h.record(ctx, "order.follow", state); err != nil {
		return nil, err
	}
	if state.Settled() && state.LastEntry <= in.LastEventID {
		return &huma.StreamResponse{Body: func(c huma.Context) { c.SetStatus(http.StatusNoContent) }}, nil
	}
	leave, err := h.streams.enter(p.Subject)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		defer leave()
		h.follow(c.Context(), newStream(c), in, reach)
	}}, nil
}

// follow writes history entries as they come. A client that goes, an order that ends, and an error end it:
// the client comes again and goes on after the last entry it saw.
func (h *Orders) follow(ctx context.Context, s *stream, in *eventsInput, reach store.Reach) {
	ctx, cancel := context.WithTimeout(ctx, streamAtMost)
	defer cancel()
	changed, stop := h.orders.Watch(in.ID)
	defer stop()
	poll, beat := time.NewTicker(pollEvery), time.NewTicker(beatEvery)
	defer poll.Stop()
	defer beat.Stop()

	for seen := in.LastEventID; ; {
		state, err := h.orders.HistoryAfter(ctx, in.ID, reach, seen)
		if err != nil {
			return
		}
		for _, e := range state.History {
			if s.entry(e) != nil {
				return
			}
			seen = e.Number
		}
		if state.Settled() {
			_ = s.write("event: end\ndata: {}\n\n") // the stream ends either way
			return
		}
		select {
		case <-changed:
		case <-poll.C:
		case <-beat.C:
			if s.write(": still here\n\n") != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// A stream writes server-sent events to one client.
type stream struct {
	c       huma.Context
	control *http.ResponseController
}

func newStream(c huma.Context) *stream {
	c.SetHeader("Content-Type", "text/event-stream")
	c.SetHeader("Cache-Control", "no-store")
	c.SetHeader("X-Accel-Buffering", "no") // a proxy in between passes events on at once
	c.SetStatus(http.StatusOK)
	s := &stream{c: c}
	if w, ok := c.BodyWriter().(http.ResponseWriter); ok {
		s.control = http.NewResponseController(w)
	}
	return s
}

// entry writes a history entry. Its id is what the client sends as Last-Event-ID when it comes again.
func (s *stream) entry(e order.Entry) error {
	data, err := json.Marshal(entryOf(e))
	if err != nil {
		return err
	}
	return s.write(fmt.Sprintf("id: %d\nevent: status\ndata: %s\n\n", e.Number, data))
}

// write sends text at once. Where the writer below cannot do that or has no deadlines, it still writes.
func (s *stream) write(text string) error {
	if s.control != nil {
		_ = s.control.SetWriteDeadline(time.Now().Add(writeWithin))
		defer func() { _ = s.control.Flush() }()
	}
	_, err := s.c.BodyWriter().Write([]byte(text))
	return err
}

// eventStream documents the operation's answer.
func eventStream(o *huma.Operation) {
	o.Responses = map[string]*huma.Response{
		"200": {
			Description: "The order's history, entry by entry, and an event named end when nothing more will come",
			Content: map[string]*huma.MediaType{
				"text/event-stream": {Schema: &huma.Schema{Type: huma.TypeString}},
			},
		},
		"204": {Description: "Nothing more will come: do not connect again"},
	}
}
