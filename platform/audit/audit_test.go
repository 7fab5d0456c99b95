package audit_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

func TestRecord(t *testing.T) {
	db := databasetest.Open(t, "ordering", nil)
	log := audit.New(db)
	staff := auth.With(t.Context(), auth.Principal{Subject: "sam", Roles: []string{auth.RoleStaff}})

	require.NoError(t, log.Record(staff, "order.read", "o1", "ann"))
	require.NoError(t, log.Record(t.Context(), "order.read", "o2", "bob"))
	require.Error(t, db.Do(staff, func(ctx context.Context, _ *gorm.DB) error {
		require.NoError(t, log.Record(ctx, "order.cancel", "o1", "ann"))
		return errors.New("not cancelled after all")
	}))

	entries, err := log.Of(t.Context(), "ann", 10)
	require.NoError(t, err)
	require.Len(t, entries, 1, "what was not done is not recorded")
	require.Equal(t, "sam", entries[0].Actor)
	require.Equal(t, []string{auth.RoleStaff}, entries[0].Roles)
	require.Equal(t, "order.read", entries[0].Action)
	require.Equal(t, "o1", entries[0].Object)
}

func TestDetails(t *testing.T) {
	db := databasetest.Open(t, "ordering", nil)
	log := audit.New(db)
	operator := auth.With(t.Context(), auth.Principal{Subject: "operator:olga"})
	why := map[string]string{"reason": "a customer asked", "payload": `{"a":1}`}

	require.NoError(t, log.Detail(operator, "deadletter.drop", "m1", "", why))
	require.NoError(t, log.Record(operator, "deadletter.retry", "m2", ""))

	entries, err := log.Of(t.Context(), "", 10)
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Nil(t, entries[0].Details)
	require.Equal(t, why, entries[1].Details)
}
