package database

import (
	"context"
	"sync"

	"gorm.io/gorm"
)

// A Caller is somebody who calls Do.
type Caller struct {
	Ctx      context.Context
	Change   func(ctx context.Context, tx *gorm.DB) error
	Err      error // what Do returned
	Panicked any   // or what came up instead
}

// Together makes the callers one group, in this order, whatever else is waiting. Nobody else writes meanwhile.
func Together(db *DB, callers ...*Caller) {
	var group []*member
	var heard sync.WaitGroup
	for _, c := range callers {
		m := newMember(c.Ctx, c.Change)
		group = append(group, m)
		heard.Go(func() {
			defer func() { c.Panicked = recover() }()
			c.Err = m.follow()
		})
	}
	db.writer.commit(group)
	heard.Wait()
}

// Abandon makes an instance look as if its process were gone.
func Abandon(db *DB) {
	close(db.instances.quit)
	db.instances.done.Wait()
	db.instances.quit = make(chan struct{}) // for Close
}
