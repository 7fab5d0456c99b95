// Package prepare gives every module of the shop a database role of its own on a server, and the shop a
// file of settings that says where they are.
//
// What the file says is what the server is brought to: roles that are missing are created with the
// passwords that are in it, and whatever was granted beside the plan is taken back. Passwords are in the
// file before a role has them, so that one that was interrupted is simply run again.
package prepare

import (
	"context"
	"errors"
	"fmt"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/settings"
)

// A Wish says what is to be prepared.
type Wish struct {
	Admin   string   // URL of an administrator of the server
	Name    string   // what everything that is created begins with
	Modules []string // and their companions
	File    string   // for the settings
	Rotate  bool     // give every role a new password
	DryRun  bool     // only say what would be done
}

// A Halfway is an error after something was changed. After any other nothing was.
type Halfway struct{ error }

// Unwrap returns what happened.
func (h Halfway) Unwrap() error { return h.error }

// Run fulfils a wish, or says what it would do.
func Run(ctx context.Context, w Wish) (Report, error) {
	base, err := parse(w.Admin)
	if err != nil {
		return Report{}, err
	}
	file, err := settings.Open(w.File)
	if err != nil {
		return Report{}, err
	}
	server, err := connect(ctx, base, w.Name)
	if err != nil {
		return Report{}, err
	}
	defer func() { _ = server.close() }()
	places, err := plan(w, base, server)
	if err == nil {
		err = credentials(ctx, w, server, file, places)
	}
	if err != nil {
		return Report{}, err
	}
	report := Report{File: file.Path, Dry: w.DryRun}
	if !w.DryRun {
		if report.Written, err = file.Write(); err != nil {
			return report, err
		}
	}
	done, err := server.apply(ctx, places, w.DryRun)
	if err != nil && w.DryRun {
		return report, err
	}
	if err != nil {
		return report, Halfway{fmt.Errorf("%w; %s has the passwords, run it again with that file", err, file.Path)}
	}
	for i, p := range places {
		report.add(p, done[i])
	}
	return report, nil
}

// credentials gives every role its password: the one in the file, or a new one.
func credentials(ctx context.Context, w Wish, s server, file *settings.File, places []*place) error {
	for _, p := range places {
		for _, a := range p.accounts() {
			if err := a.takes(file); err != nil {
				return err
			}
			var err error
			if a.there, err = s.there(ctx, a.role); err != nil {
				return err
			}
			switch known := a.password != ""; {
			case w.Rotate || !known && !a.there:
				a.password, a.fresh = settings.NewPassword(), true
				file.Set(a.setting, a.address())
			case !a.there:
				a.fresh = true // the file was written, and then something came between
			case !known:
				return fmt.Errorf("the role %s is there and %s has no password for it: give the file that has, or --rotate for new passwords", a.role, file.Path)
			default:
				if err := s.signIn(ctx, a); err != nil {
					return fmt.Errorf("%s does not have the password of %s that is in %s: give --rotate for new passwords: %w", s.kind(), a.role, file.Path, err)
				}
			}
		}
	}
	return nil
}

// errBusy is the answer to the second of two who prepare at once, if the first one takes more than five seconds.
var errBusy = errors.New("somebody else is preparing this server: try again when they are done")
