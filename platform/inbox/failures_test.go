package inbox

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

type shut struct{}

func (shut) EventName() string { return "house.Shut" }
func (shut) EventKey() string  { return "front" }

// An operator may edit a letter while it is being tried as it was.
func TestAnEditIsNotBlamedForWhatItReplaced(t *testing.T) {
	in := New(databasetest.Open(t, "cat", nil), Options{})
	m, err := envelope.Seal(t.Context(), "house", shut{}, time.Now())
	require.NoError(t, err)
	m.Metadata[envelope.Number] = "1"
	label, err := envelope.Read(m)
	require.NoError(t, err)
	failure := Hopeless(errors.New("illegible"))
	require.NoError(t, in.note(t.Context(), label, m, failure))

	require.NoError(t, in.Edit(t.Context(), label.ID, []byte(`{"legible":true}`)))
	require.NoError(t, in.note(t.Context(), label, m, failure))

	edited, err := in.Letter(t.Context(), label.ID)
	require.NoError(t, err)
	require.Equal(t, Retrying, edited.State)
	require.JSONEq(t, `{"legible":true}`, edited.Payload)
}

func TestAnErrorThatIsNoTextIsKept(t *testing.T) {
	in := New(databasetest.Open(t, "cat", nil), Options{})
	m, err := envelope.Seal(t.Context(), "house", shut{}, time.Now())
	require.NoError(t, err)
	m.Metadata[envelope.Number] = "1"
	label, err := envelope.Read(m)
	require.NoError(t, err)

	require.NoError(t, in.note(t.Context(), label, m, Hopeless(errors.New("illegible: \x00\xff"))))

	parked, err := in.Letter(t.Context(), label.ID)
	require.NoError(t, err)
	require.Equal(t, Parked, parked.State)
	require.Equal(t, "illegible: ??", parked.Error)
}
