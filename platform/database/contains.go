package database

import (
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

// Contains is the condition that a column's text has a part, whatever the case of its letters, in the SQL
// of every dialect.
func Contains(column, part string) clause.Expr {
	plain := strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(part)
	return gorm.Expr("LOWER("+column+") LIKE LOWER(?) ESCAPE '!'", "%"+plain+"%")
}
