package notice

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// TaskEmail is the kind of task that sends a notice by e-mail. Its key is the notice's id.
const TaskEmail = "email"

// A Letter is a notice as an e-mail. The same notice makes the same letter, with the same id, so that one
// that arrives twice is recognised.
type Letter struct {
	ID      string
	To      Person
	Subject string
	Body    string
	At      time.Time
}

// A Mailer hands letters to a mail server.
type Mailer interface {
	Send(ctx context.Context, l Letter) error
}

// A Bag holds tasks until they are done.
type Bag interface {
	Add(ctx context.Context, kind, key string, payload any, due time.Time) error
	Cancel(ctx context.Context, kind, key string) error
}

// Post sends notices by e-mail: at least once, and after a crash between the mail server's answer and
// our note of it a second time.
type Post struct {
	notices Repository
	bag     Bag
	mailer  Mailer // nil: there is no mail server
	now     func() time.Time
}

// NewPost returns a post that reads the clock by now. Without a mailer it is closed, and notices are kept.
func NewPost(notices Repository, bag Bag, mailer Mailer, now func() time.Time) *Post {
	return &Post{notices: notices, bag: bag, mailer: mailer, now: now}
}

// Mails reports whether there is a mail server.
func (p *Post) Mails() bool { return p.mailer != nil }

// Queue has notices sent after the unit of work that ctx belongs to.
func (p *Post) Queue(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		if err := p.bag.Add(ctx, TaskEmail, id, json.RawMessage(`{}`), time.Time{}); err != nil {
			return err
		}
	}
	return nil
}

// Cancel keeps notices from being sent.
func (p *Post) Cancel(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		if err := p.bag.Cancel(ctx, TaskEmail, id); err != nil {
			return err
		}
	}
	return nil
}

// Deliver does a task of the kind TaskEmail.
func (p *Post) Deliver(ctx context.Context, task tasks.Task) error {
	n, err := p.notices.Find(ctx, task.Key)
	if fault.Is(err, fault.NotFound) || (err == nil && n.Delivery != Queued) {
		return nil
	}
	if err != nil {
		return err
	}
	to, known, err := p.notices.Person(ctx, n.CustomerID)
	switch {
	case err != nil:
		return err
	case !p.Mails() || !known || to.Email == "":
		return p.notices.Delivered(ctx, n.ID, Kept, p.now())
	}
	if err := p.mailer.Send(ctx, Letter{ID: n.ID, To: to, Subject: n.Subject, Body: n.Body, At: n.CreatedAt}); err != nil {
		return fmt.Errorf("send notice %s: %w", n.ID, err)
	}
	return p.notices.Delivered(ctx, n.ID, Sent, p.now())
}
