package gateway

import (
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// keysPath is where OpenID Connect has the keys of a provider.
const keysPath = "/.well-known/jwks.json"

// keys asks the module that publishes them, on the way that everybody else's requests take.
type keys struct {
	route   *route
	edgeKey httpserver.EdgeKey
}

func keysOf(routes []*route, edgeKey httpserver.EdgeKey) *keys {
	for _, r := range routes {
		if r.Method == http.MethodGet && r.Path == keysPath {
			return &keys{r, edgeKey}
		}
	}
	return nil
}

// JWKS returns the key set that the module publishes.
func (k *keys) JWKS(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+k.route.Module+keysPath, http.NoBody)
	if err != nil {
		return nil, err
	}
	if k.edgeKey != "" {
		request.Header.Set(httpserver.EdgeHeader, string(k.edgeKey))
	}
	response, err := k.route.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask %s for the keys of access tokens: %s", k.route.Module, response.Status)
	}
	return io.ReadAll(io.LimitReader(response.Body, 1<<20))
}
