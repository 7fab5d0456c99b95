package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	identitysql "github.com/pangaea-shop/pangaea/migrations/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/signing"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// A desk is identity's store in one process.
type desk struct {
	accounts *store.Accounts
	families *store.Families
	tries    *store.Tries
	keys     *store.Keys
}

// desks are those of all processes that share a database.
type desks []desk

func openDesks(t *testing.T) (all desks) {
	t.Helper()
	for _, db := range databasetest.Instances(t, "identity", identitysql.Files) {
		all = append(all, desk{
			accounts: store.NewAccounts(db, outbox.New(db, outbox.Manifest{})),
			families: store.NewFamilies(db), tries: store.NewTries(db), keys: store.NewKeys(db),
		})
	}
	return all
}

// crowd has n people served at once, and waits for the last.
func (d desks) crowd(n int, serve func(i int, at desk)) {
	var people sync.WaitGroup
	for i := range n {
		people.Go(func() { serve(i, d[i%len(d)]) })
	}
	people.Wait()
}

func TestOneOfManyWhoRegisterAnAddressAtOnceGetsIt(t *testing.T) {
	all := openDesks(t)
	ids, winners := make([]string, 20), atomic.Int32{}
	all.crowd(len(ids), func(i int, at desk) {
		a := account.Register(uuid.Must(uuid.NewV7()).String(), "ada@example.org", "Ada", "hash", noon, auth.RoleCustomer)
		id, added, err := at.accounts.Add(context.Background(), a)
		if err != nil {
			t.Error(err)
		}
		if ids[i] = id; added {
			winners.Add(1)
		}
	})
	require.EqualValues(t, 1, winners.Load())
	for _, id := range ids {
		require.Equal(t, ids[0], id)
	}
}

func TestManyTabsThatRefreshAtOnceGetOneToken(t *testing.T) {
	all := openDesks(t)
	family, first := session.NewFamily("f1", register(t, all[0].accounts, "ada@example.org").ID, "", noon)
	require.NoError(t, all[0].families.Start(t.Context(), family, "hash"))

	given := make([]secret.String, 20)
	all.crowd(len(given), func(i int, at desk) {
		err := at.families.Update(context.Background(), session.Hash(first), func(f *session.Family) { given[i], _ = f.Exchange(first, noon) })
		if err != nil {
			t.Error(err)
		}
	})
	for _, token := range given {
		require.NotEmpty(t, token.Reveal())
		require.Equal(t, given[0].Reveal(), token.Reveal())
	}
}

func TestNoSessionOutlivesThePasswordItWasStartedWith(t *testing.T) {
	all := openDesks(t)
	for round := range 20 {
		ada := register(t, all[0].accounts, fmt.Sprintf("ada%d@example.org", round))
		tokens := make([]secret.String, 10)
		all.crowd(len(tokens), func(i int, at desk) {
			if i == len(tokens)/2 {
				err := at.accounts.Update(context.Background(), ada.ID, func(a *account.Account) error { return a.SetPassword("another hash") })
				if err != nil {
					t.Error(err)
				}
				return
			}
			family, token := session.NewFamily(uuid.NewString(), ada.ID, "", noon)
			tokens[i] = token
			err := at.families.Start(context.Background(), family, "hash")
			if err != nil && !fault.Is(err, fault.Unauthenticated) {
				t.Error(err)
			}
		})
		for _, token := range tokens {
			err := all[0].families.Update(t.Context(), session.Hash(token), func(*session.Family) {})
			require.True(t, fault.Is(err, fault.NotFound), "a session of the old password is alive: %v", err)
		}
	}
}

func TestAThousandTriesAtOnceAreNoMoreThanTheLimit(t *testing.T) {
	all := openDesks(t)
	limits := throttle.Limits{
		Account: throttle.Limit{Most: 10, Within: 15 * time.Minute},
		Network: throttle.Limit{Most: 25, Within: time.Hour},
	}
	asked := make([]atomic.Int32, 4)
	all.crowd(1000, func(i int, at desk) {
		guard := throttle.NewGuard(at.tries, limits, func() time.Time { return noon })
		_, err := guard.Check(context.Background(), fmt.Sprintf("ada%d@example.org", i%4), "10.0.0.1", func() (bool, error) {
			asked[i%4].Add(1)
			return false, nil
		})
		if err != nil && !fault.Is(err, fault.TooMany) {
			t.Error(err)
		}
	})
	total := int32(0)
	for i := range asked {
		require.LessOrEqual(t, asked[i].Load(), int32(10), "of one account")
		total += asked[i].Load()
	}
	require.EqualValues(t, 25, total, "from one network")
}

func TestProcessesThatStartAtOnceSignWithOneKey(t *testing.T) {
	all := openDesks(t)
	sets := make([]string, 20)
	all.crowd(len(sets), func(i int, at desk) {
		clock := func() time.Time { return noon.Add(time.Duration(-i) * time.Second) } // no two show the same time
		set, err := signing.NewSigner(at.keys, 24*time.Hour, clock).JWKS(context.Background())
		if err != nil {
			t.Error(err)
		}
		sets[i] = string(set)
	})
	for _, set := range sets {
		require.Equal(t, sets[0], set)
	}
	ring, err := all[0].keys.Ring(t.Context())
	require.NoError(t, err)
	require.Len(t, ring, 1)
}
