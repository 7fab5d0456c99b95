package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	notificationssql "github.com/pangaea-shop/pangaea/migrations/notifications"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/notice"
	"github.com/pangaea-shop/pangaea/modules/notifications/internal/store"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *store.Notices {
	t.Helper()
	return store.NewNotices(databasetest.Open(t, "notifications", notificationssql.Files))
}

func told(id, customer string, d notice.Delivery) notice.Notice {
	return notice.Notice{
		ID: id, Event: "event/" + id, Kind: notice.OrderPaid, CustomerID: customer, OrderID: "o-" + id,
		Subject: "subject", Body: "Hello Ada", Delivery: d, CreatedAt: noon,
	}
}

func add(t *testing.T, s *store.Notices, n notice.Notice) bool {
	t.Helper()
	added, err := s.Add(t.Context(), n)
	require.NoError(t, err)
	return added
}

func TestAnEventIsToldOnce(t *testing.T) {
	s := open(t)
	n := told("n1", "ada", notice.Kept)
	require.True(t, add(t, s, n))
	again := n
	again.ID, again.Subject = "n2", "other"
	require.False(t, add(t, s, again))

	got, err := s.Find(t.Context(), "n1")
	require.NoError(t, err)
	require.Equal(t, n, got)
	_, err = s.Find(t.Context(), "n2")
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestAnInboxShowsTheNewestFirst(t *testing.T) {
	s := open(t)
	for i := range 5 {
		add(t, s, told(fmt.Sprintf("n%d", i), "ada", notice.Kept))
	}
	add(t, s, told("other", "bob", notice.Kept))
	ids := func(f store.Filter, before string) (ids []string) {
		list, err := s.List(t.Context(), f, before, 3)
		require.NoError(t, err)
		for _, n := range list {
			ids = append(ids, n.ID)
		}
		return ids
	}

	require.Equal(t, []string{"n4", "n3", "n2"}, ids(store.Filter{CustomerID: "ada"}, ""))
	require.Equal(t, []string{"n1", "n0"}, ids(store.Filter{CustomerID: "ada"}, "n2"))
	require.Equal(t, []string{"n3"}, ids(store.Filter{CustomerID: "ada", OrderID: "o-n3"}, ""))
	require.Empty(t, ids(store.Filter{CustomerID: "ada", OrderID: "o-other"}, ""))
	require.Empty(t, ids(store.Filter{}, ""))
}

func TestTheFirstReadingCounts(t *testing.T) {
	s := open(t)
	add(t, s, told("n1", "ada", notice.Kept))
	for i := range 2 {
		n, err := s.Read(t.Context(), "n1", noon.Add(time.Duration(i)*time.Hour))
		require.NoError(t, err)
		require.Equal(t, noon, n.ReadAt)
	}
	_, err := s.Read(t.Context(), "missing", noon)
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestWhatWaitsIsQueuedOnceTheAddressIsKnown(t *testing.T) {
	s := open(t)
	add(t, s, told("n1", "ada", notice.Waiting))
	add(t, s, told("n2", "ada", notice.Kept))
	add(t, s, told("n3", "bob", notice.Waiting))

	queued, err := s.Enter(t.Context(), notice.Person{AccountID: "ada", Email: "ada@example.org", Name: "Ada"})
	require.NoError(t, err)
	require.Equal(t, []string{"n1"}, queued)
	queued, err = s.Enter(t.Context(), notice.Person{AccountID: "ada", Email: "other@example.org", Name: "Eve"})
	require.NoError(t, err)
	require.Empty(t, queued, "heard before")

	p, known, err := s.Person(t.Context(), "ada")
	require.NoError(t, err)
	require.True(t, known)
	require.Equal(t, notice.Person{AccountID: "ada", Email: "ada@example.org", Name: "Ada"}, p)
}

func TestOnlyWhatIsQueuedIsDelivered(t *testing.T) {
	s := open(t)
	add(t, s, told("n1", "ada", notice.Queued))
	add(t, s, told("n2", "ada", notice.Kept))
	for id, want := range map[string]notice.Delivery{"n1": notice.Sent, "n2": notice.Kept} {
		require.NoError(t, s.Delivered(t.Context(), id, notice.Sent, noon))
		n, err := s.Find(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want, n.Delivery)
	}
}

func TestWhoLeavesIsForgotten(t *testing.T) {
	s := open(t)
	_, err := s.Enter(t.Context(), notice.Person{AccountID: "ada", Email: "ada@example.org", Name: "Ada"})
	require.NoError(t, err)
	add(t, s, told("n1", "ada", notice.Queued))
	add(t, s, told("n2", "ada", notice.Kept))
	add(t, s, told("n3", "bob", notice.Queued))

	unsent, err := s.Erase(t.Context(), "ada", noon)
	require.NoError(t, err)
	require.Equal(t, []string{"n1"}, unsent)

	for _, id := range []string{"n1", "n2"} {
		n, err := s.Find(t.Context(), id)
		require.NoError(t, err)
		require.NotContains(t, n.Subject+n.Body, "Ada")
		require.Empty(t, n.Body)
		require.Equal(t, notice.Kept, n.Delivery)
	}
	p, known, err := s.Person(t.Context(), "ada")
	require.NoError(t, err)
	require.True(t, known, "so that nothing waits for an address that never comes")
	require.Equal(t, notice.Person{AccountID: "ada"}, p)
	bobs, err := s.Find(t.Context(), "n3")
	require.NoError(t, err)
	require.Equal(t, told("n3", "bob", notice.Queued), bobs)

	_, err = s.Enter(t.Context(), notice.Person{AccountID: "ada", Email: "ada@example.org", Name: "Ada"})
	require.NoError(t, err)
	p, _, err = s.Person(t.Context(), "ada")
	require.NoError(t, err)
	require.Empty(t, p.Email, "late news of who has left changes nothing")
}
