// Package ratelimit holds back clients who ask too often.
package ratelimit

import (
	"container/list"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// A Rate is how often something may happen. The zero value means as often as you like.
type Rate struct {
	Count int
	Per   time.Duration
}

// UnmarshalText reads "200/s", "1000/m" or "off".
func (r *Rate) UnmarshalText(text []byte) error {
	if string(text) == "off" {
		*r = Rate{}
		return nil
	}
	count, unit, _ := strings.Cut(string(text), "/")
	n, err := strconv.Atoi(count)
	per := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}[unit]
	if err != nil || n < 1 || per == 0 {
		return errors.New("must be a rate such as 200/s, 1000/m or off")
	}
	*r = Rate{Count: n, Per: per}
	return nil
}

// String is the rate as UnmarshalText reads it.
func (r Rate) String() string {
	if r.Count == 0 {
		return "off"
	}
	return fmt.Sprintf("%d/%s", r.Count, map[time.Duration]string{time.Second: "s", time.Minute: "m", time.Hour: "h"}[r.Per])
}

// A Limiter keeps a bucket of tokens for every client: Count tokens, refilled within Per. It remembers
// the clients seen last; one that is forgotten starts with a full bucket.
type Limiter struct {
	rate   Rate
	memory int

	mu      sync.Mutex
	buckets map[string]*list.Element
	recent  *list.List // of *bucket, the latest first
}

type bucket struct {
	client string
	*rate.Limiter
}

const clients = 16384

// New returns a limiter of a rate.
func New(r Rate) *Limiter {
	return &Limiter{rate: r, memory: clients, buckets: map[string]*list.Element{}, recent: list.New()}
}

// A Verdict says whether a request may pass, and what is left.
type Verdict struct {
	Allowed   bool
	Limit     int           // 0: there is none
	Remaining int           // how many more may pass now
	Reset     time.Duration // until all may pass again
	Retry     time.Duration // until the next one may pass
}

// Take asks for one request of a client at a moment.
func (l *Limiter) Take(client string, now time.Time) Verdict {
	if l.rate.Count == 0 {
		return Verdict{Allowed: true}
	}
	b := l.bucket(client)
	v := Verdict{Allowed: b.AllowN(now, 1), Limit: l.rate.Count}
	left := b.TokensAt(now)
	each := float64(l.rate.Per) / float64(l.rate.Count)
	v.Remaining = max(0, int(left))
	v.Reset = time.Duration((float64(l.rate.Count) - left) * each)
	if !v.Allowed {
		v.Retry = time.Duration(math.Max(0, 1-left) * each)
	}
	return v
}

func (l *Limiter) bucket(client string) *bucket {
	l.mu.Lock()
	defer l.mu.Unlock()
	if known, ok := l.buckets[client]; ok {
		l.recent.MoveToFront(known)
		return known.Value.(*bucket)
	}
	if l.recent.Len() >= l.memory {
		oldest := l.recent.Remove(l.recent.Back()).(*bucket)
		delete(l.buckets, oldest.client)
	}
	fresh := &bucket{client, rate.NewLimiter(rate.Limit(float64(l.rate.Count)/l.rate.Per.Seconds()), l.rate.Count)}
	l.buckets[client] = l.recent.PushFront(fresh)
	return fresh
}
