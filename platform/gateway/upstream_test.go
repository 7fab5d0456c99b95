package gateway

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// A lonely transport reaches one address, and waits for all others.
type lonely string

func (l lonely) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.URL.Host != string(l) {
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
}

// The instance is found to be well while many others that nobody reaches become known.
func TestWhoWaitsFindsAnInstanceThatIsWellAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		addresses := []string{"there"}
		for i := range 5000 {
			addresses = append(addresses, fmt.Sprint("nowhere-", i))
		}
		u := newUpstream("things", Settings{Waiting: 1}, nil, lonely("there"), newMetrics(prometheus.NewRegistry()))
		ctx, end := context.WithCancel(t.Context())
		var waiting, watching sync.WaitGroup
		waiting.Go(func() {
			found, err := u.find(ctx, nil, time.Now().Add(10*time.Second), 0)
			require.NoError(t, err)
			require.Equal(t, "there", found.address)
		})
		synctest.Wait() // it waits
		u.know(ctx, addresses, &watching)
		waiting.Wait()
		end()
		watching.Wait()
	})
}
