package outbox

import "testing"

func TestNothingIsLost(t *testing.T) {
	t.Skip("no broker here")
}
