package shopclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// patiently repeats a call while the shop asks for it or cannot be reached, with growing pauses.
func (c *Client) patiently(ctx context.Context, call call, token string) (int, error) {
	began, pause := time.Now(), 100*time.Millisecond
	for {
		status, header, err := c.send(ctx, call, token)
		if err == nil || !again(status, header) {
			return status, err
		}
		wait := max(pause/2+rand.N(pause/2), retryAfter(header))
		if time.Since(began)+wait > c.patience || ctx.Err() != nil {
			return status, errors.Join(err, ctx.Err())
		}
		if err := sleep(ctx, wait); err != nil {
			return status, err
		}
		pause = min(2*pause, 5*time.Second)
	}
}

// again reports whether it makes sense to make a call once more; status 0 is no answer at all.
func again(status int, header http.Header) bool {
	switch status {
	case 0, http.StatusRequestTimeout, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	case http.StatusConflict: // the same call is under way
		return header.Get("Retry-After") != ""
	default:
		return false
	}
}

// maxRetryAfter is how long a shop may ask to be left alone.
const maxRetryAfter = time.Minute

func retryAfter(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, maxRetryAfter)
}

// sleep pauses, unless the context ends first.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
