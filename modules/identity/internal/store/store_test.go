package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	identitysql "github.com/pangaea-shop/pangaea/migrations/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/signing"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func accounts(t *testing.T) (*database.DB, *store.Accounts) {
	t.Helper()
	db := databasetest.Open(t, "identity", identitysql.Files)
	return db, store.NewAccounts(db, outbox.New(db, outbox.Manifest{}))
}

func register(t *testing.T, accounts *store.Accounts, email string, roles ...string) account.State {
	t.Helper()
	if len(roles) == 0 {
		roles = []string{auth.RoleCustomer}
	}
	a := account.Register(uuid.Must(uuid.NewV7()).String(), email, "Ada", "hash", noon, roles...)
	_, added, err := accounts.Add(t.Context(), a)
	require.NoError(t, err)
	require.True(t, added)
	return a.State()
}

func TestAnAccountIsKeptAsItIs(t *testing.T) {
	_, accounts := accounts(t)
	ada := register(t, accounts, "ada@example.org")
	staff := register(t, accounts, "staff@example.org", auth.RoleStaff, auth.RoleOperator)

	for _, want := range []account.State{ada, staff} {
		got, err := accounts.Find(t.Context(), want.ID)
		require.NoError(t, err)
		require.Equal(t, want, got)
		got, err = accounts.FindByEmail(t.Context(), want.Email)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	first, err := accounts.FindStaff(t.Context())
	require.NoError(t, err)
	require.Equal(t, staff, first)
	_, err = accounts.Find(t.Context(), "nobody")
	require.True(t, fault.Is(err, fault.NotFound))
	_, err = accounts.FindByEmail(t.Context(), "")
	require.True(t, fault.Is(err, fault.NotFound))
}

func TestAKnownAddressChangesNothing(t *testing.T) {
	_, accounts := accounts(t)
	ada := register(t, accounts, "ada@example.org")

	id, added, err := accounts.Add(t.Context(), account.Register("other", "ada@example.org", "Eve", "eve's", noon, auth.RoleCustomer))

	require.NoError(t, err)
	require.False(t, added)
	require.Equal(t, ada.ID, id)
	got, err := accounts.Find(t.Context(), ada.ID)
	require.NoError(t, err)
	require.Equal(t, ada, got)
}

func TestClosingErasesAndSignsOutEverywhere(t *testing.T) {
	db, accounts := accounts(t)
	families := store.NewFamilies(db)
	ada := register(t, accounts, "ada@example.org")
	family, token := session.NewFamily("f1", ada.ID, "", noon)
	require.NoError(t, families.Start(t.Context(), family, "hash"))

	require.NoError(t, accounts.Update(t.Context(), ada.ID, func(a *account.Account) error { return a.Close(noon) }))

	err := families.Update(t.Context(), session.Hash(token), func(*session.Family) {})
	require.True(t, fault.Is(err, fault.NotFound))
	got, err := accounts.Find(t.Context(), ada.ID)
	require.NoError(t, err)
	require.Equal(t, account.State{ID: ada.ID, Roles: ada.Roles, RegisteredAt: noon, ClosedAt: noon}, got)
	require.NotEqual(t, ada.ID, register(t, accounts, "ada@example.org").ID, "the address is free again")
	known, err := accounts.Known(t.Context(), []string{ada.ID})
	require.NoError(t, err)
	require.Empty(t, known)
}

func TestKnownAreTheOpenAccountsAmongManyIDs(t *testing.T) {
	_, accounts := accounts(t)
	ada := register(t, accounts, "ada@example.org")
	ids := []string{ada.ID, "guest", ""}
	for range 1200 {
		ids = append(ids, uuid.NewString())
	}

	known, err := accounts.Known(t.Context(), ids)

	require.NoError(t, err)
	require.Equal(t, map[string]bool{ada.ID: true}, known)
}

func TestAccountsAreListedInPages(t *testing.T) {
	_, accounts := accounts(t)
	first, second := register(t, accounts, "a@example.org"), register(t, accounts, "b@example.org")

	page, err := accounts.List(t.Context(), "", 1)
	require.NoError(t, err)
	require.Equal(t, []account.State{first}, page)
	page, err = accounts.List(t.Context(), first.ID, 5)
	require.NoError(t, err)
	require.Equal(t, []account.State{second}, page)
}

func TestAPasswordChangedWhileSomebodySignsInLetsNobodyIn(t *testing.T) {
	db, accounts := accounts(t)
	families := store.NewFamilies(db)
	ada := register(t, accounts, "ada@example.org")
	family, token := session.NewFamily("f1", ada.ID, "", noon) // the old hash was matched just now

	err := families.Start(t.Context(), family, "the hash before this one")

	require.True(t, fault.Is(err, fault.Unauthenticated))
	err = families.Update(t.Context(), session.Hash(token), func(*session.Family) {})
	require.True(t, fault.Is(err, fault.NotFound), "no session was started")
}

func TestAFamilyIsKeptWithEveryTokenItSpent(t *testing.T) {
	db, accounts := accounts(t)
	families := store.NewFamilies(db)
	family, first := session.NewFamily("f1", register(t, accounts, "ada@example.org").ID, "import", noon)
	require.NoError(t, families.Start(t.Context(), family, "hash"))
	exchange := func(token secret.String, at time.Time) (next secret.String, ok bool) {
		require.NoError(t, families.Update(t.Context(), session.Hash(token), func(f *session.Family) { next, ok = f.Exchange(token, at) }))
		return next, ok
	}

	second, ok := exchange(first, noon)
	require.True(t, ok)
	third, ok := exchange(second, noon.Add(time.Minute))
	require.True(t, ok)
	again, ok := exchange(second, noon.Add(time.Minute+session.Grace))
	require.True(t, ok)
	require.Equal(t, third.Reveal(), again.Reveal())

	_, ok = exchange(first, noon.Add(2*time.Minute))
	require.False(t, ok, "stolen long ago")
	_, ok = exchange(third, noon.Add(2*time.Minute))
	require.False(t, ok, "the family has ended")
}

func TestExpiredFamiliesGoWithTheirTokens(t *testing.T) {
	db, accounts := accounts(t)
	families := store.NewFamilies(db)
	ada := register(t, accounts, "ada@example.org")
	old, token := session.NewFamily("f1", ada.ID, "", noon)
	require.NoError(t, families.Start(t.Context(), old, "hash"))
	require.NoError(t, families.Update(t.Context(), session.Hash(token), func(f *session.Family) { f.Exchange(token, noon) }))

	young, _ := session.NewFamily("f2", ada.ID, "", noon.Add(session.Life))
	require.NoError(t, families.Start(t.Context(), young, "hash"))

	require.Equal(t, int64(1), count(t, db, "refresh_families"))
	require.Zero(t, count(t, db, "spent_tokens"))
}

func TestTriesAreCountedInAnyStretchOfTime(t *testing.T) {
	db, _ := accounts(t)
	tries := store.NewTries(db)
	limits := throttle.Limits{Account: throttle.Limit{Most: 3, Within: time.Minute}, Network: throttle.Limit{Most: 5, Within: time.Hour}}
	try := func(account string, at time.Time) time.Duration {
		wait, err := tries.Add(t.Context(), throttle.Try{ID: uuid.NewString(), Account: account, Network: "net", At: at}, limits)
		require.NoError(t, err)
		return wait
	}

	for i := range 3 {
		require.Zero(t, try("ada", noon.Add(time.Duration(i)*20*time.Second)))
	}
	require.Equal(t, 15*time.Second, try("ada", noon.Add(45*time.Second)), "until the first is forgotten")
	require.Zero(t, try("ada", noon.Add(60*time.Second)))
	require.NotZero(t, try("ada", noon.Add(61*time.Second)))
	require.Zero(t, try("bob", noon.Add(61*time.Second)))
	require.Equal(t, time.Hour-62*time.Second, try("eve", noon.Add(62*time.Second)), "the network is at its limit")

	require.NoError(t, tries.Forgive(t.Context(), "ada"))
	require.Zero(t, try("eve", noon.Add(63*time.Second)))
	require.Zero(t, try("eve", noon.Add(2*time.Hour)))
	require.Equal(t, int64(1), count(t, db, "password_tries"), "what no limit looks at is gone")
}

func TestKeysAreKeptOncePerBeginning(t *testing.T) {
	db, _ := accounts(t)
	signer := signing.NewSigner(store.NewKeys(db), 24*time.Hour, func() time.Time { return noon })
	first, err := signer.JWKS(t.Context())
	require.NoError(t, err)
	again, err := signing.NewSigner(store.NewKeys(db), 24*time.Hour, func() time.Time { return noon.Add(time.Hour) }).JWKS(t.Context())
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))

	ring, err := store.NewKeys(db).Ring(t.Context())
	require.NoError(t, err)
	rival := ring[0]
	rival.ID = "rival"
	require.NoError(t, store.NewKeys(db).Add(t.Context(), rival, noon, noon))
	ring, err = store.NewKeys(db).Ring(t.Context())
	require.NoError(t, err)
	require.Len(t, ring, 1)
	require.NotEqual(t, "rival", ring[0].ID)
}

func count(t *testing.T, db *database.DB, table string) (n int64) {
	t.Helper()
	require.NoError(t, db.Read(t.Context(), func(_ context.Context, tx *gorm.DB) error { return tx.Table(table).Count(&n).Error }))
	return n
}
