package bus_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

func TestEarlierVersionsAreReadAsTheNewest(t *testing.T) {
	w := newWeather(t, (*weather).now)

	require.NoError(t, w.announce(
		firstRelease{measuredV1{"peak", 14}}, secondRelease{measuredV2{"peak", -9}}, measured{"peak", -85},
		nextRelease{measured{"peak", -80}, "strong"},
	))

	w.hears(map[string][]int{"peak": {-100, -90, -85, -80}})
}

// While processes are replaced one by one, some announce the last version and some the new one.
func TestTwoVersionsSideBySideStayInOrder(t *testing.T) {
	w := newWeather(t, (*weather).now)
	const stations, measurements = 8, 40

	want := map[string][]int{}
	var replaced sync.WaitGroup
	for n := range stations {
		station := fmt.Sprintf("station-%d", n)
		for i := range measurements {
			want[station] = append(want[station], 10*i)
		}
		replaced.Go(func() {
			for i := range measurements {
				by := outbox.Event(measured{station, 10 * i})
				if i%2 == n%2 {
					by = secondRelease{measuredV2{station, i}}
				}
				if err := w.announce(by); err != nil {
					t.Error(err)
				}
			}
		})
	}
	replaced.Wait()

	w.hears(want)
}

// Whoever announces was upgraded before whoever listens: what is not understood waits, and so does what
// comes after it.
func TestAnEventOfTheNextReleaseWaitsForTheUpgrade(t *testing.T) {
	w := newWeather(t, (*weather).before)

	require.NoError(t, w.announce(firstRelease{measuredV1{"peak", 14}}, measured{"peak", -85}, secondRelease{measuredV2{"peak", -8}}))
	parked := w.parks(1)
	require.Equal(t, "read sky.Measured: it comes as version 3, understood here: 1 2", parked[0].Error)
	w.hears(map[string][]int{"peak": {-100}})

	w.listen((*weather).now)
	require.NoError(t, w.inbox.Retry(t.Context(), parked[0].ID))

	w.hears(map[string][]int{"peak": {-100, -85, -80}})
}

func TestWhatCannotBeReadIsParked(t *testing.T) {
	w := newWeather(t, (*weather).now)

	require.NoError(t, w.announce(firstRelease{measuredV1{"space", -1000}}, torn{"lab"}, firstRelease{measuredV1{"peak", 14}}))

	w.hears(map[string][]int{"peak": {-100}})
	why := map[string]string{}
	for _, letter := range w.parks(2) {
		why[letter.Key] = letter.Error
	}
	require.Equal(t, "read sky.Measured: colder than cold", why["space"])
	require.Contains(t, why["lab"], "read sky.Measured: json: cannot unmarshal")
}

// torn is measured with something else in it.
type torn struct {
	Tenths string `json:"tenths"`
}

func (torn) EventName() string  { return "sky.Measured" }
func (torn) EventVersion() int  { return 3 }
func (t torn) EventKey() string { return t.Tenths }

func TestUpcastersThatDoNotLeadToTheNewestVersion(t *testing.T) {
	first, second := bus.Upcast(measuredV1.upcast), bus.Upcast(measuredV2.upcast)
	for want, wrong := range map[string]cqrs.GroupEventHandler{
		"leads from version 1 to bus_test.measuredV2, and none from there to bus_test.measured":    bus.On(ignore[measured], first),
		"leads from version 2 to bus_test.measured, and none from there to bus_test.secondRelease": bus.On(ignore[secondRelease], second),
		"two upcasters of sky.Measured lead on from version 1":                                     bus.On(ignore[measured], first, second, first),
		"an upcaster from sky.Measured to sky.Measured is given to the handler of tower.Rang":      bus.On(ignore[rang], first),
		"an upcaster of sky.Measured leads from version 2 to 1: it has to lead to a later one":     bus.On(ignore[measured], first, bus.Upcast(back)),
	} {
		require.ErrorContains(t, ears(t, nil).Listen(wrong), want)
	}
}

func back(measuredV2) (measuredV1, error) { return measuredV1{}, errors.New("nobody goes back") }
