package migrations

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// symbols are the words of SQL, and what is between them.
var symbols = regexp.MustCompile("(?s)--[^\n]*|/\\*.*?\\*/|'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|\\w+|<>|<=|>=|!=|\\|\\||\\S")

func isComment(symbol string) bool {
	return strings.HasPrefix(symbol, "--") || strings.HasPrefix(symbol, "/*")
}

// statements cuts a migration into its statements.
func statements(text string) (list []string) {
	begin, empty := 0, true
	for _, at := range symbols.FindAllStringIndex(text, -1) {
		switch symbol := text[at[0]:at[1]]; {
		case isComment(symbol):
		case symbol != ";":
			empty = false
		default:
			list = append(list, strings.TrimSpace(text[begin:at[0]]))
			begin, empty = at[1], true
		}
	}
	if !empty {
		list = append(list, strings.TrimSpace(text[begin:]))
	}
	return list
}

// A definition is what a migration says of a column, or of the table where column is empty.
type definition struct {
	table, column string
	symbols       []string
}

// definitions are what the tables consist of that a migration creates, and what it adds to others.
func definitions(text string) (list []definition) {
	for _, statement := range statements(text) {
		var words []string
		for _, symbol := range symbols.FindAllString(statement, -1) {
			if !isComment(symbol) {
				words = append(words, plain(symbol))
			}
		}
		opening, adding := slices.Index(words, "("), slices.Index(words, "ADD")
		switch {
		case opening > 2 && words[0] == "CREATE" && words[1] == "TABLE":
			for rest := inside(words[opening:]); len(rest) > 0; {
				var next []string
				next, rest = item(rest)
				list = append(list, defined(words[opening-1], next))
			}
		case adding == 3 && words[0] == "ALTER" && words[1] == "TABLE":
			list = append(list, defined(words[2], words[4:]))
		}
	}
	return list
}

func defined(table string, words []string) definition {
	if words[0] == "COLUMN" {
		words = words[1:]
	}
	if slices.Contains(ofTables, words[0]) {
		return definition{table, "", words}
	}
	return definition{table, words[0], words}
}

// ofTables are the words that begin what is said of a table.
var ofTables = []string{"CHECK", "CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "KEY", "INDEX"}

// inside is what is between a parenthesis and the one that closes it.
func inside(words []string) []string {
	depth := 0
	for i, word := range words {
		switch word {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				return words[1:i]
			}
		}
	}
	return nil
}

// item cuts off what is before the next comma that is in no parentheses.
func item(words []string) (first, rest []string) {
	depth := 0
	for i, word := range words {
		switch {
		case word == "(":
			depth++
		case word == ")":
			depth--
		case word == "," && depth == 0:
			return words[:i], words[i+1:]
		}
	}
	return words, nil
}

// keywords are those that are looked for, or occur in a CHECK.
var keywords = append([]string{"CREATE", "ALTER", "TABLE", "ADD", "COLUMN", "REFERENCES", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "LIKE"}, ofTables...)

// plain is a symbol in the spelling that all dialects have in common.
func plain(symbol string) string {
	switch {
	case strings.HasPrefix(symbol, "'"):
		return symbol
	case slices.Contains(keywords, strings.ToUpper(symbol)):
		return strings.ToUpper(symbol)
	}
	return strings.ToLower(strings.Trim(symbol, "\"`"))
}

// A check is the condition of a CHECK, in the spelling that all dialects have in common.
type check struct{ table, column, condition string }

// flagCheck is what makes a boolean of an integer.
func flagCheck(table, column string) check {
	return check{table, column, column + " IN (false, true)"}
}

func (d definition) checks() (list []check) {
	for i, word := range d.symbols {
		if word == "CHECK" {
			list = append(list, check{d.table, d.column, spelled(inside(d.symbols[i+1:]))})
		}
	}
	return list
}

// checks are those that migrations write.
func (s set) checks(t *testing.T, names []string) (list []check) {
	for _, name := range names {
		for _, d := range definitions(s.read(t, name+".up.sql")) {
			list = append(list, d.checks()...)
		}
	}
	return list
}

// spelled puts symbols together as people do.
func spelled(words []string) string {
	var text strings.Builder
	for i, word := range words {
		call := word == "(" && i > 0 && regexp.MustCompile(`^[a-z]`).MatchString(words[i-1])
		if i > 0 && words[i-1] != "(" && word != ")" && word != "," && !call {
			text.WriteByte(' ')
		}
		text.WriteString(word)
	}
	return text.String()
}

var length = regexp.MustCompile(`\b(char_length|length)\((\w+)\)`)

// meaning is the condition with the same functions in all dialects: length counts the characters of a
// text and the bytes of a blob. On MySQL it counts bytes, and char_length characters.
func (c check) meaning(dialect string, found facts) string {
	return length.ReplaceAllStringFunc(c.condition, func(call string) string {
		part := length.FindStringSubmatch(call)
		text := strings.HasPrefix(found[subject{table: c.table, column: part[2]}], "text")
		if dialect == "mysql" && part[1] == "length" && text {
			return "octet_length(" + part[2] + ")"
		}
		return "length(" + part[2] + ")"
	})
}
