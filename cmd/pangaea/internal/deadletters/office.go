package deadletters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// An Office has a desk for every module.
type Office struct{ desks []*desk }

// Open opens the databases of these modules to be read. It is an error if one of them is not there.
func Open(ctx context.Context, places database.Places, members []module.Member) (*Office, error) {
	o := &Office{}
	for _, m := range members {
		d, err := newDesk(ctx, places, m)
		if err != nil {
			return nil, errors.Join(err, o.Close())
		}
		o.desks = append(o.desks, d)
	}
	slices.SortFunc(o.desks, func(a, b *desk) int { return strings.Compare(a.module, b.module) })
	return o, nil
}

// Close leaves the databases.
func (o *Office) Close() error {
	var failed []error
	for _, d := range o.desks {
		failed = append(failed, d.close())
	}
	return errors.Join(failed...)
}

// List returns the letters that a filter chooses, by module and id, at most as many as its limit. more is
// whether there are others after the last one.
func (o *Office) List(ctx context.Context, f Filter) (letters []Letter, more bool, err error) {
	limit := f.Limit
	f.Limit++
	module, after := split(f.After)
	for _, d := range o.desks {
		if d.module < module {
			continue
		}
		if f.After = ""; d.module == module {
			f.After = after
		}
		found, err := d.list(ctx, f)
		if err != nil {
			return nil, false, err
		}
		if letters = append(letters, found...); len(letters) > limit {
			return letters[:limit], true, nil
		}
	}
	return letters, false, nil
}

// Find returns the letter with an ID, or with the id that it has in its module if no other module has the same.
func (o *Office) Find(ctx context.Context, id string) (Letter, error) {
	module, own := split(id)
	var found []Letter
	var where []string
	for _, d := range o.desks {
		if module != "" && d.module != module {
			continue
		}
		l, err := d.find(ctx, own)
		switch {
		case err == nil:
			found, where = append(found, l), append(where, l.ID)
		case !fault.Is(err, fault.NotFound):
			return Letter{}, err
		}
	}
	switch len(found) {
	case 0:
		return Letter{}, fault.New(fault.NotFound, "there is no letter %s: it was handled or dropped, or never was", id)
	case 1:
		return found[0], nil
	}
	return Letter{}, fault.New(fault.Conflict, "several modules have a letter %s: name one of %s", id, strings.Join(where, ", "))
}

// Behind returns the letters that wait behind one, in their order, at most limit; more is whether there are others.
func (o *Office) Behind(ctx context.Context, l Letter, limit int) (letters []Letter, more bool, err error) {
	d, err := o.desk(l.Module)
	if err != nil || l.Kind != Message {
		return nil, false, err
	}
	letters, err = d.list(ctx, Filter{State: Waiting, Source: l.Source, Key: l.Key, Limit: limit + 1})
	letters = slices.DeleteFunc(letters, func(other Letter) bool { return other.Behind != l.ID })
	slices.SortFunc(letters, func(a, b Letter) int { return cmp.Compare(a.Number, b.Number) })
	return letters[:min(limit, len(letters))], len(letters) > limit, err
}

func (o *Office) desk(module string) (*desk, error) {
	for _, d := range o.desks {
		if d.module == module {
			return d, nil
		}
	}
	return nil, fmt.Errorf("the database of %s is not open", module)
}
