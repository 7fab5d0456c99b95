package module

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// Limits say what a process that is ready for real work may be behind with.
type Limits struct {
	Backlog time.Duration `env:"PANGAEA_READY_BACKLOG_AGE" default:"8s" doc:"a process is not ready if what it has to do, or to tell within itself, has waited for so long and nothing of it moves; 0s: it may wait for ever"`
}

// A health looks after the parts of one module for /readyz. What only this process can be blamed for makes
// it not ready; what others may be to blame for, or what goes on slowly, is shown: a process that is taken
// out of service because its neighbour is down takes the rest of the shop with it.
type health struct {
	limit   time.Duration
	roll    *Roll
	carried bool // what the module says leaves the process, also on its way to another module of it
	db      *database.DB
	inbox   *inbox.Inbox
	relay   *outbox.Relay
	queue   *tasks.Queue
}

// watch has the server ask about every part.
func (h health) watch(server *httpserver.Server) {
	name := h.db.Name()
	server.Ready(name+" database", h.db.Writable)
	server.Ready(name+" outbox", h.tells)
	server.Ready(name+" tasks", h.acts)
	server.Ready(name+" inbox", h.hears)
}

// tells reports destinations that are kept waiting. One that is in this process and gets nothing at all is
// stuck; one that is elsewhere may be down, and so may be what carries events to any.
func (h health) tells(ctx context.Context) error {
	delays, err := h.relay.Delays(ctx, h.limit)
	if err != nil || h.limit == 0 || len(delays) == 0 {
		return err
	}
	stuck := false
	var texts []string
	for _, d := range delays {
		text := fmt.Sprintf("%s lacks %d events, the oldest for %s", d.Destination, d.Pending, seconds(time.Since(d.Oldest)))
		if time.Since(d.Moved) > h.limit {
			text += ", and gets none"
			stuck = stuck || !h.carried && h.roll.has(d.Destination)
		}
		texts = append(texts, text)
	}
	return blame(stuck, strings.Join(texts, "; "))
}

// acts reports tasks that are due and not begun. Where as many are under way as may be they wait for the
// world outside; where there is room and none has ended lately, nobody is looking.
func (h health) acts(ctx context.Context) error {
	d, err := h.queue.Delay(ctx)
	if err != nil || h.limit == 0 || d.Overdue <= h.limit {
		return err
	}
	stuck := !d.Full && time.Since(d.Moved) > h.limit
	return blame(stuck, "a task has been due for "+seconds(d.Overdue))
}

// hears reports messages that are kept because others do not come, or because they fail.
func (h health) hears(ctx context.Context) error {
	age, err := h.inbox.Overdue(ctx)
	if err != nil || h.limit == 0 || age <= h.limit {
		return err
	}
	return blame(false, "a message has been kept for "+seconds(age))
}

// blame says what is wrong: with this process where it is stuck, and else with nobody in particular.
func blame(stuck bool, text string) error {
	err := errors.New(text)
	if !stuck {
		err = httpserver.Concern(err)
	}
	return err
}

func seconds(d time.Duration) string { return d.Round(time.Second).String() }
