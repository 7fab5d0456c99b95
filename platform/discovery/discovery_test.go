package discovery_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

func TestAddressesThatAreWrittenDown(t *testing.T) {
	directory := discovery.Static{
		"ordering": {discovery.HTTP: {"127.0.0.1:8104", "127.0.0.1:8114", "127.0.0.1:8104"}, discovery.GRPC: {"[::1]:9104"}},
		"catalog":  {discovery.GRPC: {"localhost:9102"}},
		"payments": {discovery.HTTP: {"nonsense"}},
		"shipping": {discovery.HTTP: {"nobody.invalid:80"}},
	}
	var none discovery.Static

	found, err := directory.Lookup(t.Context(), "ordering", discovery.HTTP)
	require.NoError(t, err)
	require.Equal(t, []string{"127.0.0.1:8104", "127.0.0.1:8114"}, found, "each once")

	found, err = directory.Lookup(t.Context(), "catalog", discovery.GRPC)
	require.NoError(t, err)
	require.Contains(t, found, "127.0.0.1:9102", "a name is as DNS has it")

	for _, module := range []string{"payments", "shipping"} {
		_, err = directory.Lookup(t.Context(), module, discovery.HTTP)
		require.ErrorContains(t, err, "find "+module)
	}
	for _, d := range []discovery.Static{directory, none} {
		_, err = d.Lookup(t.Context(), "catalog", discovery.HTTP)
		require.True(t, fault.Is(err, fault.NotFound), err)
	}
}
