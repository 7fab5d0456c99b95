package deadletters

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// A desk is where one module's letters are. Its database is open for reading, and for writing from the
// first letter on that something is done to.
type desk struct {
	module           string
	place            database.Options
	reading, writing *database.DB
	inbox            *inbox.Inbox
	queue            *tasks.Queue
}

func newDesk(ctx context.Context, places database.Places, m module.Member) (*desk, error) {
	place, err := places(m.Name)
	if err != nil {
		return nil, err
	}
	place.Migrations = m.Migrations
	db, err := database.OpenReadOnly(ctx, m.Name, place)
	if err != nil {
		return nil, err
	}
	return &desk{module: m.Name, place: place, reading: db, inbox: inbox.New(db, inbox.Options{}), queue: tasks.New(db)}, nil
}

// write opens the desk's database for writing.
func (d *desk) write(ctx context.Context) error {
	if d.writing != nil {
		return nil
	}
	db, err := database.Attach(ctx, d.module, d.place)
	if err != nil {
		return err
	}
	d.writing, d.inbox, d.queue = db, inbox.New(db, inbox.Options{}), tasks.New(db)
	return nil
}

func (d *desk) close() error {
	err := d.reading.Close()
	if d.writing != nil {
		err = errors.Join(err, d.writing.Close())
	}
	return err
}

// list returns the first letters that a filter chooses, in the order of their ids.
func (d *desk) list(ctx context.Context, f Filter) (letters []Letter, err error) {
	if chosen, any := f.messages(); any {
		found, err := d.inbox.Letters(ctx, chosen)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			letters = append(letters, fromMessage(d.module, m))
		}
	}
	if chosen, any := f.tasks(); any {
		found, err := d.queue.Failed(ctx, chosen)
		if err != nil {
			return nil, err
		}
		for _, t := range found {
			letters = append(letters, fromTask(d.module, t))
		}
	}
	slices.SortFunc(letters, func(a, b Letter) int { return cmp.Compare(a.ID, b.ID) })
	return letters[:min(len(letters), f.Limit)], nil
}

// find returns the letter with an id. Within a unit of work nobody else changes it before that ends.
func (d *desk) find(ctx context.Context, id string) (Letter, error) {
	m, err := d.inbox.Letter(ctx, id)
	if err == nil {
		return fromMessage(d.module, m), nil
	}
	if !fault.Is(err, fault.NotFound) {
		return Letter{}, err
	}
	t, err := d.queue.Find(ctx, id)
	return fromTask(d.module, t), err
}
