package auth

import (
	"crypto/ed25519"
	"slices"
	"sync"
	"time"
)

// A memory keeps whom good tokens are for: each is sent with many requests, and to verify a signature takes
// longer than much of what is asked for. It knows tokens by all of their letters.
type memory struct {
	mu           sync.Mutex
	recent, past map[string]verified // when there are enough recent ones, those before them are forgotten
}

const enough = 4096

// verified is what was found out about a token.
type verified struct {
	principal Principal
	kid       string
	key       ed25519.PublicKey // that it is signed with
	until     time.Time
}

func newMemory() *memory { return &memory{recent: map[string]verified{}} }

func (m *memory) recall(token string) (verified, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if known, ok := m.recent[token]; ok {
		return known, true
	}
	known, ok := m.past[token]
	if ok {
		m.put(token, known)
	}
	return known, ok
}

func (m *memory) remember(token string, v verified) {
	v.principal.Roles, v.principal.Scopes = slices.Clip(v.principal.Roles), slices.Clip(v.principal.Scopes)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(token, v)
}

func (m *memory) put(token string, v verified) {
	if len(m.recent) >= enough {
		m.recent, m.past = make(map[string]verified, enough), m.recent
	}
	m.recent[token] = v
}
