package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
)

// profile fetches a processor profile of the shop during its first full load. The channel tells when that
// is done.
func (b *bench) profile(ctx context.Context, f *field, c *contestant, round int) <-chan error {
	fetched := make(chan error, 1)
	if c.profiler == "" || round > 0 {
		fetched <- nil
		return fetched
	}
	go func() {
		var text []byte
		seconds := max(1, int(2*b.Duration.Seconds())) // the backlog is a part of the work
		err := get(ctx, http.DefaultClient, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", c.profiler, seconds), "", &text)
		if err == nil {
			err = os.WriteFile(f.profile, text, 0o600)
		}
		fetched <- err
	}()
	return fetched
}
