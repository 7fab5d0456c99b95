package store_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// The stories in this file have one ending on every kind of database.

func TestEveryNoticeComesBackAsItWasWritten(t *testing.T) {
	s := open(t)
	for i, text := range []string{
		"plain", "emoji 🫖👩‍👩‍👧", `quotes "\' ; -- ? $1 %s \0`, " spaces ", "one\r\ntwo\n\tthree\n", "é", "e\u0301", strings.Repeat("🫖", 4000),
	} {
		n := told(fmt.Sprint("n", i), strings.Repeat("c", 64), notice.Kept)
		n.Subject, n.Body = text, text
		require.True(t, add(t, s, n))
		found, err := s.Find(t.Context(), n.ID)
		require.NoError(t, err)
		require.Equal(t, n, found)
		_, err = s.Find(t.Context(), n.ID+" ")
		require.True(t, fault.Is(err, fault.NotFound), "an id with a space is another id")
	}
}

func TestEverybodyIsEnteredAsTheyAre(t *testing.T) {
	s := open(t)
	for i, p := range []notice.Person{
		{Email: "ada🫖@example.org", Name: "Ada 👩‍💻"},
		{Email: "o'hara@example.org", Name: `O'Hara "\'`},
		{Email: strings.Repeat("e", 254), Name: strings.Repeat("🫖", 200)},
	} {
		p.AccountID = fmt.Sprint("account ", i)
		_, err := s.Enter(t.Context(), p)
		require.NoError(t, err)
		found, known, err := s.Person(t.Context(), p.AccountID)
		require.NoError(t, err)
		require.True(t, known)
		require.Equal(t, p, found)
	}
}
