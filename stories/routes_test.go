package stories

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the running shop says it can do is what docs/contracts promises to a gateway that links no module.
func TestRoutesAreAsPromised(t *testing.T) {
	t.Parallel()
	shop := open(t)
	type route struct{ Method, Path, Module, Access string }
	promised := []route{}
	text, err := os.ReadFile("../docs/contracts/routes.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &promised))

	described := []route{}
	for _, o := range shop.operations() {
		require.Len(t, o.Tags, 1, o)
		described = append(described, route{o.method, o.path, o.Tags[0], o.access})
	}
	require.ElementsMatch(t, promised, described)
}
