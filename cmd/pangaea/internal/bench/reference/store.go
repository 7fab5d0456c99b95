package reference

import (
	"context"
	"sync"
)

// A store is the database of one module.
type store struct {
	name   string
	engine engine
	orders *line // units that begin a checkout: they meet nobody's rows
	steps  *line // all others

	marks     sync.Mutex
	forgotten []event // delivered, and to be deleted
}

// An engine is a kind of database.
type engine interface {
	// commit makes what the units change durable, in one transaction.
	commit(group []unit) error
	cheapest(ctx context.Context) (name string, err error)
	close()
}

// line is where the units of a step wait.
func (s *store) line(step string) *line {
	if step == first {
		return s.orders
	}
	return s.steps
}

// lines are those of the store, each once.
func (s *store) lines() []*line {
	if s.orders == s.steps {
		return []*line{s.steps}
	}
	return []*line{s.orders, s.steps}
}

// close ends the writers after the groups under way.
func (s *store) close() {
	for _, l := range s.lines() {
		l.close()
	}
	s.engine.close()
}
