package database

import "strings"

// Text is s as every engine can keep it: PostgreSQL takes no NUL, and no server takes what is no UTF-8.
func Text(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "?"), "\x00", "?")
}
