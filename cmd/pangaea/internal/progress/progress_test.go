package progress_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/cmd/pangaea/internal/progress"
)

func TestAwayFromATerminalStepsAreLines(t *testing.T) {
	var out bytes.Buffer
	board := progress.To(&out)
	step := board.Step("placing orders", 20)
	var workers sync.WaitGroup
	for range 20 {
		workers.Go(func() { step.Add(1) })
	}
	workers.Wait()
	step.End()
	board.Step("waiting", 3).Set(2)
	board.Close()

	require.Regexp(t, `^placing orders: 20 of 20 after \S+\nwaiting: 2 of 3 after \S+\n$`, out.String())
}
