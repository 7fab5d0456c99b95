package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	identitysql "github.com/pangaea-shop/pangaea/migrations/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/identityfx"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func staffCommand() *cobra.Command {
	command := group("staff", "Look after the accounts that run the shop")
	command.AddCommand(resetPasswordCommand())
	return command
}

func resetPasswordCommand() *cobra.Command {
	var email string
	var typed bool
	command := &cobra.Command{
		Use:   "reset-password",
		Short: "Give a staff account a new password and sign it out everywhere, with the shop stopped",
		Long: "Give a staff account a new password and sign it out everywhere, with the shop stopped.\n\n" +
			"Without --stdin a password is made up and printed. No password is taken from the command line,\n" +
			"where everybody on the machine can read it.",
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			password := ""
			if typed {
				var err error
				if password, err = firstLine(command.InOrStdin()); err != nil {
					return err
				}
			}
			return resetPassword(command, email, password)
		},
	}
	command.Flags().StringVar(&email, "email", "", "address of the staff account (default: the first one)")
	command.Flags().BoolVar(&typed, "stdin", false, "read the new password from the standard input")
	return command
}

func resetPassword(command *cobra.Command, email, password string) error {
	if err := somebodyThere(command.Context()); err != nil {
		return ending(notBegun, err)
	}
	opened, err := shop.Open()
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }()
	address, set, err := identityfx.ResetStaffPassword(command.Context(), databaseOf(opened, "identity"), email, password)
	if fault.Is(err, fault.NotFound) {
		return fmt.Errorf("%w: --email names an account of staff, and the first start of a shop makes the first one", err)
	}
	if err != nil {
		return err
	}
	out := command.OutOrStdout()
	if password != "" {
		_, err = fmt.Fprintf(out, "%s has the new password and is signed out everywhere.\n", address)
		return err
	}
	_, err = fmt.Fprintf(out, "%s is signed out everywhere. The new password is shown this once:\n\n  %s\n\n", address, set)
	return err
}

// somebodyThere returns an error if there are no accounts yet: opening the shop would make one that is empty.
func somebodyThere(ctx context.Context) error {
	settings, here, err := app.Load()
	if err != nil {
		return err
	}
	place, err := app.Places(settings, here)("identity")
	if err != nil {
		return err
	}
	place.Migrations = identitysql.Files
	db, err := database.OpenReadOnly(ctx, "identity", place)
	switch {
	case err == nil:
		return db.Close()
	case fault.Is(err, fault.NotFound), errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no shop yet: %w", err)
	}
	return nil // opening the shop says what else is wrong, or mends it
}

func databaseOf(opened *shop.Wired, module string) *database.DB {
	for _, member := range opened.Roll.Members() {
		if member.Name == module {
			return member.DB
		}
	}
	panic("there is no module " + module)
}

func firstLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	line = strings.TrimRight(line, "\r\n")
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the new password: %w", err)
	}
	if line == "" {
		return "", errors.New("read the new password: the standard input is empty")
	}
	return line, nil
}
