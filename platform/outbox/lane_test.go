package outbox

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestALaneIsInOrderBehindWhatIsOnItsWay(t *testing.T) {
	for name, c := range map[string]struct {
		lane lane
		want []int64
	}{
		"of a lane at rest the first to commit is first": {lane{}, []int64{1, 2, 3, 4}},
		"what is on its way stays first":                 {lane{away: true}, []int64{2, 1, 3, 4}},
		"and so does what has failed":                    {lane{failures: 1}, []int64{2, 1, 3, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			c.lane.queue = []delivery{{n: 2}}
			for _, n := range []int64{4, 1, 3} {
				c.lane.insert(delivery{n: n})
			}
			var got []int64
			for _, x := range c.lane.queue {
				got = append(got, x.n)
			}
			require.Equal(t, c.want, got)
		})
	}
}
