package httpserver

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

type place struct {
	At time.Time `json:"at"`
	ID string    `json:"id"`
}

func TestPagesFollowEachOther(t *testing.T) {
	all := []place{{noon, "a"}, {noon, "b"}, {noon.Add(1), "c"}}
	r := PageRequest{PageSize: 2}

	first := NewPage(r, all, func(last place) place { return last })
	r.PageToken = first.NextPageToken
	after, err := After[place](r)

	require.NoError(t, err)
	require.Equal(t, all[:2], first.Items)
	require.Equal(t, all[1], after)
	last := NewPage(r, all[2:], func(last place) place { return last })
	require.Equal(t, Page[place]{Items: all[2:]}, last)
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 123000, time.UTC)

func TestAnEmptyPageIsAnEmptyList(t *testing.T) {
	require.Equal(t, []place{}, NewPage(PageRequest{PageSize: 2}, nil, func(p place) place { return p }).Items)
}

func TestForeignTokensAreMalformed(t *testing.T) {
	good := encodePageToken(place{noon, "a"})
	for name, token := range map[string]string{
		"garbage": "x", "padded": good + "=", "longer": good + "AAAA", "another list's": encodePageToken(7),
		"other version":  encode(`{"v":2,"p":{"at":"2026-11-22T12:00:00.000123Z","id":"a"}}`),
		"missing member": encode(`{"v":1,"p":{"id":"a"}}`), "extra member": encode(`{"v":1,"p":{"at":"2026-11-22T12:00:00Z","id":"a","x":1}}`),
		"spaced": encode(`{"v":1, "p":{"at":"2026-11-22T12:00:00Z","id":"a"}}`), "null": encode("null"),
		"zero in it": encode(`{"v":1,"p":{"at":"2026-11-22T12:00:00Z","id":"\u0000"}}`), "huge": strings.Repeat("A", 1<<20),
	} {
		_, err := After[place](PageRequest{PageToken: token})
		require.True(t, fault.Is(err, fault.Malformed), name)
	}
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func FuzzAfter(f *testing.F) {
	for _, seed := range []string{encodePageToken(place{noon, "a"}), encode(`{"v":1,"p":{}}`), "", "====", encode(`{"v":1,"p":{"at":1}}`)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		position, err := After[place](PageRequest{PageToken: token})
		if err == nil && token != "" && encodePageToken(position) != token {
			t.Fatalf("accepted another spelling: %q", token)
		}
	})
}
