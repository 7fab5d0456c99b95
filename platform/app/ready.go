package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// readyArgument has a program ask about readiness instead of running: in a container there is nothing else that could.
const readyArgument = "ready"

// readyTimeout is longer than /readyz takes at most.
const readyTimeout = 4 * time.Second

// AskedIfReady reports whether the program was called as "<program> ready". Run then asks the process that runs here
// with the same settings whether it can do real work, and does not start another.
func AskedIfReady() bool { return len(os.Args) == 2 && os.Args[1] == readyArgument }

// ready asks who listens where these settings say. An error is what it lacks, or why it does not answer.
func ready(ctx context.Context) error {
	settings, _, err := Load()
	if err != nil {
		return err
	}
	face, err := config.Section[httpserver.Settings](settings)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(face.Address)
	if err != nil || host == "fd" {
		return fmt.Errorf("PANGAEA_HTTP_ADDR is %q: nobody can be asked there", face.Address)
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return askReady(ctx, "http://"+net.JoinHostPort(host, port)+"/readyz")
}

func askReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true} // and no proxy: it is here
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 4096))
	if response.StatusCode == http.StatusOK || err != nil {
		return err
	}
	return errors.New("it is not ready: " + strings.TrimSpace(string(answer)))
}
