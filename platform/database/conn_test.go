package database

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStatementsThatAreUsedNowAreKept(t *testing.T) {
	connects, err := newConnector("file:" + filepath.Join(t.TempDir(), "diary.db"))
	require.NoError(t, err)
	connected, err := connects.Connect(t.Context())
	require.NoError(t, err)
	c := connected.(*conn)
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	for n := range 3 * maxStatements {
		statement := fmt.Sprintf("SELECT %d", n)
		rows, err := c.QueryContext(t.Context(), statement, nil)
		require.NoError(t, err)
		require.NoError(t, rows.Close())
		require.Contains(t, c.idle, statement)
	}
	require.Len(t, c.idle, maxStatements)
}
