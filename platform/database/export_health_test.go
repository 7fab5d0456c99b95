package database

import "time"

// Forget makes a database not know any more what became of its last commits.
func Forget(db *DB) {
	r := db.writer.watch.record
	r.mu.Lock()
	defer r.mu.Unlock()
	r.committed, r.failing, r.failed, r.cause = time.Time{}, time.Time{}, time.Time{}, nil
}

// Writers is how many groups a database writes at a time.
func Writers(db *DB) int { return db.engine.writers() }

// Pragma changes how the connection that writes a file works.
func Pragma(db *DB, pragma string) error {
	_, err := db.engine.(*sqliteEngine).writing.Exec("PRAGMA " + pragma)
	return err
}
