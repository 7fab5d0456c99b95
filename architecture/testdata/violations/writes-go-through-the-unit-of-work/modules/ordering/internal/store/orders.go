package store

type db struct{}

func (db) Transaction(func() error) error { return nil }

func save(d db) error {
	return d.Transaction(func() error { return nil })
}
