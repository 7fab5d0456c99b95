package account_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func TestRegisteringIsAnnounced(t *testing.T) {
	a := account.Register("a1", "ada@example.org", "Ada", "hash", noon, auth.RoleCustomer)

	require.Equal(t, []account.Event{identity.AccountRegistered{AccountID: "a1", Email: "ada@example.org", Name: "Ada"}}, a.Events())
	require.False(t, a.State().Closed())
}

func TestAClosedAccountIsAPseudonym(t *testing.T) {
	a := account.Restore(account.Register("a1", "ada@example.org", "Ada", "hash", noon, auth.RoleCustomer).State())

	require.NoError(t, a.Close(noon.Add(time.Hour)))
	require.NoError(t, a.Close(noon.Add(2*time.Hour)), "closing twice is fine")

	require.Equal(t, account.State{ID: "a1", Roles: []string{auth.RoleCustomer}, RegisteredAt: noon, ClosedAt: noon.Add(time.Hour)}, a.State())
	require.Equal(t, []account.Event{identity.AccountClosed{AccountID: "a1"}}, a.Events(), "announced once")
	require.True(t, fault.Is(a.SetPassword("other"), fault.Unauthenticated))
}

func TestAStaffAccountIsNotClosed(t *testing.T) {
	a := account.Register("s1", "staff@example.org", "Staff", "hash", noon, auth.RoleStaff, auth.RoleOperator)
	require.True(t, fault.Is(a.Close(noon), fault.Conflict))
	require.False(t, a.State().Closed())
}
