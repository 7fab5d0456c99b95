// Package progress shows how far long work has come: as bars on a terminal, as lines anywhere else.
package progress

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/cwriter"
	"github.com/vbauerster/mpb/v8/decor"
)

// A Board is where steps are shown.
type Board struct {
	out   io.Writer
	bars  *mpb.Progress // nil: lines
	steps []*Step
}

// To returns a board on out, which is standard error most of the time.
func To(out io.Writer) *Board {
	b := &Board{out: out}
	if file, ok := out.(*os.File); ok && cwriter.IsTerminal(int(file.Fd())) {
		b.bars = mpb.New(mpb.WithOutput(out), mpb.WithWidth(64))
	}
	return b
}

// Close ends every step and leaves the terminal to others.
func (b *Board) Close() {
	for _, s := range b.steps {
		s.End()
	}
	if b.bars != nil {
		b.bars.Wait()
	}
}

// A Step is one kind of work, of which there is so much to do.
type Step struct {
	board *Board
	name  string
	began time.Time
	bar   *mpb.Bar

	mu          sync.Mutex
	done, total int
	said        time.Time
	ended       bool
}

// sayEvery is how often a step is told in lines.
const sayEvery = 5 * time.Second

// Step begins a step.
func (b *Board) Step(name string, total int) *Step {
	s := &Step{board: b, name: name, total: total, began: time.Now(), said: time.Now()}
	if b.bars != nil {
		s.bar = b.bars.AddBar(int64(total),
			mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR), decor.CountersNoUnit("%d/%d", decor.WCSyncSpace)),
			mpb.AppendDecorators(decor.Elapsed(decor.ET_STYLE_GO)))
	}
	b.steps = append(b.steps, s)
	return s
}

// Add says that n more are done. It may be called by many goroutines.
func (s *Step) Add(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to(s.done + n)
}

// Set says that n in all are done.
func (s *Step) Set(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to(n)
}

func (s *Step) to(done int) {
	s.done = done
	switch {
	case s.bar != nil:
		s.bar.SetCurrent(int64(done))
	case time.Since(s.said) > sayEvery:
		s.said = time.Now()
		fmt.Fprintf(s.board.out, "%s: %d of %d\n", s.name, s.done, s.total)
	}
}

// End says that the step is over, whether or not all is done.
func (s *Step) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	switch {
	case s.bar == nil:
		fmt.Fprintf(s.board.out, "%s: %d of %d after %s\n", s.name, s.done, s.total, time.Since(s.began).Round(10*time.Millisecond))
	case s.done >= s.total:
		s.bar.SetTotal(-1, true)
	default:
		s.bar.Abort(false)
	}
}
