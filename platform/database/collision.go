package database

import (
	"errors"

	"gorm.io/gorm"
)

// noteCollisions has a unit of work remember that a statement of it ran into another transaction, and lets
// it run no other: MySQL has rolled everything back by then and would commit what follows by itself. Who
// ran the statement may not mind its error.
func noteCollisions(orm *gorm.DB, e engine) error {
	refuse := func(tx *gorm.DB) {
		if u := unitOf(tx.Statement.Context); u != nil && u.lost != nil {
			_ = tx.AddError(u.lost)
		}
	}
	note := func(tx *gorm.DB) {
		if u := unitOf(tx.Statement.Context); u != nil && tx.Error != nil && e.collided(tx.Error) {
			u.lost = tx.Error
		}
	}
	const before, after = "collisions:refuse", "collisions:note"
	c := orm.Callback()
	return errors.Join(
		c.Create().Before("*").Register(before, refuse), c.Create().After("*").Register(after, note),
		c.Query().Before("*").Register(before, refuse), c.Query().After("*").Register(after, note),
		c.Update().Before("*").Register(before, refuse), c.Update().After("*").Register(after, note),
		c.Delete().Before("*").Register(before, refuse), c.Delete().After("*").Register(after, note),
		c.Row().Before("*").Register(before, refuse), c.Row().After("*").Register(after, note),
		c.Raw().Before("*").Register(before, refuse), c.Raw().After("*").Register(after, note),
	)
}
