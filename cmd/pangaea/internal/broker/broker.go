// Package broker gives every module of the shop a user of its own on a RabbitMQ, with no rights but those it needs,
// all that it speaks and hears through, and the shop a file of settings that says so.
//
//	file of settings ─▶ what is wanted ─┐
//	                                    ├─▶ what is missing ─▶ broker, over its management or rabbitmqctl
//	broker ─────────▶ what it has ──────┘                      or a file that it loads when it starts
//
// Both are definitions in RabbitMQ's own format, so that whoever was interrupted, or comes again, is told what is
// left to do. Passwords are in the file of settings before the broker has their hashes. It never has more of them.
package broker

import (
	"context"
	"fmt"
	"regexp"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/settings"
	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A Wish says what is to be prepared.
type Wish struct {
	Admin       string          // URL of the broker's management, or how rabbitmqctl is called
	Definitions string          // instead of those, a file that a broker loads when it starts
	Broker      string          // URL at which modules reach the broker; empty: where the administrator does
	Name        string          // of the virtual host, and what users begin with
	Manifest    outbox.Manifest // who hears whom
	File        string          // for the settings
	Rotate      bool            // give every user a new password
	DryRun      bool            // only say what would be done
}

// A Halfway is an error after something was changed. After any other nothing was.
type Halfway struct{ error }

// Unwrap returns what happened.
func (h Halfway) Unwrap() error { return h.error }

var sayable = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Run fulfils a wish, or says what it would do.
func Run(ctx context.Context, w Wish) (Report, error) {
	if !sayable.MatchString(w.Name) {
		return Report{}, fmt.Errorf("the name is %q: it begins with a small letter and has small letters, digits and _ alone", w.Name)
	}
	file, err := settings.Open(w.File)
	if err != nil {
		return Report{}, err
	}
	admin, base, err := connect(w)
	if err != nil {
		return Report{}, err
	}
	has, err := admin.definitions(ctx)
	if err != nil {
		return Report{}, err
	}
	members := enrol(w, base)
	wanted, err := want(w, file, members, has)
	if err != nil {
		return Report{}, err
	}
	todo, err := missing(has, wanted)
	if err != nil {
		return Report{}, err
	}
	astray := beside(has, wanted, members)
	report := Report{File: file.Path, Dry: w.DryRun, Others: others(has, wanted, w.Name)}
	for _, m := range members {
		report.add(m, todo, astray)
	}
	if w.DryRun {
		return report, nil
	}
	if report.Written, err = file.Write(); err != nil {
		return report, err
	}
	if err := settle(ctx, admin, todo, astray); err != nil {
		return report, Halfway{fmt.Errorf("%w; %s has the passwords, run it again with that file", err, file.Path)}
	}
	return report, nil
}

// settle takes what is too much before it gives what is missing.
func settle(ctx context.Context, admin administrator, todo, astray rabbitmq.Definitions) error {
	for _, g := range astray.Grants {
		if err := admin.revoke(ctx, g.VirtualHost, g.User); err != nil {
			return err
		}
	}
	for _, g := range astray.TopicGrants {
		if err := admin.revokeTopics(ctx, g.VirtualHost, g.User); err != nil {
			return err
		}
	}
	if empty(todo) {
		return nil
	}
	return admin.define(ctx, todo)
}
