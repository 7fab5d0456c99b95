package identityfx

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/password"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// appoint creates the first staff account and tells how to sign in with it. A password that was made up
// is printed for the person who started the shop, once, and never logged.
func appoint(ctx context.Context, service *account.Service, settings Settings, out io.Writer) error {
	staff, err := service.Appoint(ctx, settings.StaffEmail, secret.String(settings.StaffPassword))
	if err != nil {
		return fmt.Errorf("staff account: %w", err)
	}
	if staff.Differs {
		slog.WarnContext(ctx, "PANGAEA_STAFF_PASSWORD is not the staff account's password and was not applied; see pangaea staff reset-password", "email", staff.Email)
	}
	if !staff.Created {
		return nil
	}
	shown := "as set by PANGAEA_STAFF_PASSWORD"
	if staff.Generated != "" {
		shown = staff.Generated.Reveal() + "   (shown this once)"
	}
	_, err = fmt.Fprintf(out, "\n  Staff account created. Sign in with\n    e-mail    %s\n    password  %s\n\n", staff.Email, shown)
	return err
}

// ResetStaffPassword gives a staff account in identity's database a new password, made up where password
// is empty, and signs it out everywhere. An empty email means the first staff account. It returns the
// account's address and the password.
func ResetStaffPassword(ctx context.Context, db *database.DB, email, newPassword string) (address, set string, err error) {
	hasher := password.NewHasher()
	guard := throttle.NewGuard(store.NewTries(db), throttle.Limits{}, clock())
	accounts := store.NewAccounts(db, outbox.New(db, nil)) // a new password announces nothing
	staff, err := account.NewService(accounts, hasher, guard, clock()).ResetStaffPassword(ctx, email, secret.String(newPassword))
	if err != nil {
		return "", "", err
	}
	if staff.Generated != "" {
		newPassword = staff.Generated.Reveal()
	}
	return staff.Email, newPassword, nil
}

func clock() func() time.Time {
	return func() time.Time { return time.Now().UTC() }
}
