package store

type row struct{}

func (row) TableName() string { return "orders" }
