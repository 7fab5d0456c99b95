package identityrpc_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx"
	"go.uber.org/goleak"

	identitysql "github.com/pangaea-shop/pangaea/migrations/identity"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/identityrpc"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/signing"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/outbox"
	"github.com/pangaea-shop/pangaea/platform/rpc/rpctest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An office is identity, as far as others may ask it.
type office struct {
	identity.Customers
	identity.Keys
}

// elsewhere is an office in another process.
func elsewhere(t testing.TB, o office) (there office) {
	t.Helper()
	answers := fx.Provide(func() (identity.Customers, identity.Keys) { return o.Customers, o.Keys })
	rpctest.Ask(t, "identity", rpctest.Serve(t, answers, identityrpc.Server),
		identityrpc.Client, fx.Populate(&there.Customers, &there.Keys))
	return there
}

// staffed is an office with two accounts, one of them closed, and its keys.
func staffed(t testing.TB) (o office, signer *signing.Signer, open, closed string) {
	t.Helper()
	db := databasetest.Open(t, "identity", identitysql.Files)
	accounts := store.NewAccounts(db, outbox.New(db, outbox.Manifest{}))
	register := func(email string) string {
		id, _, err := accounts.Add(t.Context(), account.Register(uuid.NewString(), email, "Ada", "hash", time.Now(), auth.RoleCustomer))
		require.NoError(t, err)
		return id
	}
	open, closed = register("ada@example.org"), register("bob@example.org")
	require.NoError(t, accounts.Update(t.Context(), closed, func(a *account.Account) error { return a.Close(time.Now()) }))
	signer = signing.NewSigner(store.NewKeys(db), 30*24*time.Hour, time.Now)
	return office{accounts, signer}, signer, open, closed
}

func TestIdentityKnowsTheSameFromElsewhere(t *testing.T) {
	here, _, open, closed := staffed(t)
	there := elsewhere(t, here)
	many := []string{open}
	for i := range 20_000 {
		many = append(many, fmt.Sprintf("%036d", i))
	}
	for name, ids := range map[string][]string{
		"nothing": nil, "nobody": {}, "somebody": {open}, "twice": {open, open}, "closed": {closed},
		"strangers": {"x", "", "\xff", "\x00", identity.Guest}, "many": many,
	} {
		t.Run(name, func(t *testing.T) {
			rpctest.Same(t,
				func() (map[string]bool, error) { return here.Known(t.Context(), ids) },
				func() (map[string]bool, error) { return there.Known(t.Context(), ids) })
		})
	}
}

func TestAQuestionHasABound(t *testing.T) {
	there := elsewhere(t, closedOffice(func() error { return nil }))
	_, err := there.Known(t.Context(), make([]string, 4<<20))
	require.True(t, fault.Is(err, fault.TooLarge), err)
}

func TestTokensAreVerifiedWithKeysFromElsewhere(t *testing.T) {
	here, signer, _, _ := staffed(t)
	there := elsewhere(t, here)
	token, _, err := signer.Sign(t.Context(), auth.Principal{Subject: "ada", Roles: []string{auth.RoleCustomer}})
	require.NoError(t, err)

	rpctest.Same(t,
		func() ([]byte, error) { return here.JWKS(t.Context()) },
		func() ([]byte, error) { return there.JWKS(t.Context()) })
	p, err := auth.NewVerifier(there).Verify(t.Context(), token.Reveal())
	require.NoError(t, err)
	require.Equal(t, "ada", p.Subject)
}

func TestWhoeverAsksIsNotWaitedFor(t *testing.T) {
	here, _, open, _ := staffed(t)
	there := elsewhere(t, here)
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	for _, ctx := range []context.Context{late, gone} {
		rpctest.Same(t,
			func() (map[string]bool, error) { return here.Known(ctx, []string{open}) },
			func() (map[string]bool, error) { return there.Known(ctx, []string{open}) })
		rpctest.Same(t,
			func() ([]byte, error) { return here.JWKS(ctx) },
			func() ([]byte, error) { return there.JWKS(ctx) })
	}
}

// closedOffice fails as it is told.
func closedOffice(wrong func() error) office { return office{shut(wrong), shut(wrong)} }

type shut func() error

func (s shut) Known(context.Context, []string) (map[string]bool, error) { return nil, s() }

func (s shut) JWKS(context.Context) ([]byte, error) { return nil, s() }

func TestWhatIsWrongIsTheSameFromElsewhere(t *testing.T) {
	var wrong error
	here := closedOffice(func() error { return wrong })
	there := elsewhere(t, here)
	for _, wrong = range rpctest.Errors() {
		rpctest.Same(t,
			func() (map[string]bool, error) { return here.Known(t.Context(), nil) },
			func() (map[string]bool, error) { return there.Known(t.Context(), nil) })
		rpctest.Same(t,
			func() ([]byte, error) { return here.JWKS(t.Context()) },
			func() ([]byte, error) { return there.JWKS(t.Context()) })
	}
}

// A board shows the same thing to everybody.
type board struct {
	known    map[string]bool
	document []byte
}

func (b board) Known(context.Context, []string) (map[string]bool, error) { return b.known, nil }

func (b board) JWKS(context.Context) ([]byte, error) { return b.document, nil }

func TestAnAnswerBelongsToWhoAsked(t *testing.T) {
	shown := board{map[string]bool{"ada": true}, []byte(`{"keys":[]}`)}
	there := elsewhere(t, office{shown, shown})
	for range 2 {
		known, err := there.Known(t.Context(), nil)
		require.NoError(t, err)
		require.Len(t, known, 1)
		clear(known)
		document, err := there.JWKS(t.Context())
		require.NoError(t, err)
		require.Equal(t, `{"keys":[]}`, string(document))
		clear(document)
	}
}
