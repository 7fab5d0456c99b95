package store_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// The stories in this file have one ending on every kind of database.

func TestEveryAccountComesBackAsItWasEntered(t *testing.T) {
	_, accounts := accounts(t)
	for name, who := range map[string]struct{ email, name string }{
		"emoji":        {"ada🫖@example.org", "Ada 👩‍💻"},
		"quotes":       {"o'hara@example.org", `O'Hara "\' ; -- ? $1 %s`},
		"accents":      {"café@example.org", "Zoë"},
		"no accents":   {"cafe@example.org", "Zoe"},
		"at its limit": {strings.Repeat("é", 32) + "@" + strings.Repeat("e", 189), strings.Repeat("🫖", 200)},
	} {
		email, err := account.NormalEmail(who.email)
		require.NoError(t, err, name)
		fullName, err := account.NormalName(who.name)
		require.NoError(t, err, name)
		a := account.Register(uuid.NewString(), email, fullName, strings.Repeat("h", 255), noon, auth.RoleCustomer)
		_, added, err := accounts.Add(t.Context(), a)
		require.NoError(t, err, name)
		require.True(t, added, name)
		found, err := accounts.FindByEmail(t.Context(), email)
		require.NoError(t, err, name)
		require.Equal(t, a.State(), found, name)
	}
	for _, other := range []string{"CAFÉ@example.org", "caf@example.org", "cafe@example.orG", "%", "cafe@example.or_"} {
		_, err := accounts.FindByEmail(t.Context(), other)
		require.True(t, fault.Is(err, fault.NotFound), other)
	}
}
