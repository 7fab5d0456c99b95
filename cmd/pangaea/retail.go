package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/retail"
	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/shopclient"
)

// retailRun is what importing and replaying have in common: files, a shop, and a report.
type retailRun struct {
	url, email, passwordFile string
	encoding, output         string
	atOnce                   int
	patience                 time.Duration
	options                  retail.Options
}

func (r *retailRun) flags(command *cobra.Command) {
	r.options = retail.Defaults()
	flags := command.Flags()
	flags.StringVar(&r.url, "url", "http://localhost:8080", "where the shop is")
	flags.StringVar(&r.email, "email", "", "staff account (default: PANGAEA_STAFF_EMAIL, or staff@pangaea.example)")
	flags.StringVar(&r.passwordFile, "password-file", "", "file with its password (default: PANGAEA_STAFF_PASSWORD)")
	flags.IntVar(&r.atOnce, "concurrency", 8, "how many requests at the same time")
	flags.DurationVar(&r.patience, "patience", 2*time.Minute, "how long a request is repeated while the shop does not answer")
	flags.StringVarP(&r.output, "output", "o", "text", "text or json")
	flags.StringVar(&r.encoding, "encoding", string(retail.Detect), "detect, utf-8, latin-1 or windows-1252")
	flags.Int64Var(&r.options.MaxBytes, "max-bytes", r.options.MaxBytes, "of a file, unpacked")
	flags.IntVar(&r.options.MaxLines, "max-lines", r.options.MaxLines, "of all files")
	flags.Int64Var(&r.options.MaxQuantity, "max-quantity", r.options.MaxQuantity, "of a line")
	flags.Int64Var(&r.options.MaxPrice, "max-price", r.options.MaxPrice, "of a line, in pence")
}

// someFiles is what there is to say on the command line: where the sales lines are.
func someFiles(command *cobra.Command, files []string) error {
	if len(files) == 0 {
		return fmt.Errorf("name the files with the sales lines: %s", command.UseLine())
	}
	return nil
}

// work reads the files, signs in to the shop and lets do carry the plan out, until it is done or
// interrupted.
func (r *retailRun) work(command *cobra.Command, files []string, do func(context.Context, *shopclient.Client, *retail.Plan, *progress.Board) error) error {
	ctx, stop := untilInterrupted(command)
	defer stop()
	err := r.prepared(ctx, command, files, do)
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: run it again to go on")
	}
	return err
}

func (r *retailRun) prepared(ctx context.Context, command *cobra.Command, files []string, do func(context.Context, *shopclient.Client, *retail.Plan, *progress.Board) error) error {
	password, err := r.check()
	if err != nil {
		return err
	}
	plan, err := retail.Read(ctx, files, r.options)
	if err != nil {
		return err
	}
	shop, err := shopclient.SignIn(ctx, shopclient.Settings{
		URL: r.url, Email: r.email, Password: password, AtOnce: r.atOnce, Patience: r.patience,
	})
	if err != nil {
		return err
	}
	board := progress.To(command.ErrOrStderr())
	defer board.Close()
	return do(ctx, shop, plan, board)
}

// check completes what was asked for, and returns the password.
func (r *retailRun) check() (password string, err error) {
	switch {
	case r.output != "text" && r.output != "json":
		return "", fmt.Errorf("--output is text or json, not %q", r.output)
	case r.atOnce < 1 || r.atOnce > 256:
		return "", fmt.Errorf("--concurrency is between 1 and 256, not %d", r.atOnce)
	}
	if r.options.Encoding, err = retail.ParseEncoding(r.encoding); err != nil {
		return "", err
	}
	if err := r.options.Check(); err != nil {
		return "", err
	}
	if r.email == "" {
		r.email = os.Getenv("PANGAEA_STAFF_EMAIL")
	}
	if r.email == "" {
		r.email = "staff@pangaea.example"
	}
	return r.password()
}

func (r *retailRun) password() (string, error) {
	if r.passwordFile == "" {
		if password := os.Getenv("PANGAEA_STAFF_PASSWORD"); password != "" {
			return password, nil
		}
		return "", errors.New("set PANGAEA_STAFF_PASSWORD, or name a file with --password-file")
	}
	file, err := os.Open(r.passwordFile)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	content, err := io.ReadAll(io.LimitReader(file, 4096))
	if err != nil {
		return "", err
	}
	password := strings.TrimRight(string(content), "\r\n")
	if password == "" {
		return "", fmt.Errorf("%s is empty", r.passwordFile)
	}
	return password, nil
}
