package rabbitmq

import (
	"regexp"
	"slices"
	"strings"
)

// A Permission is what a user of a broker may configure, write and read in a virtual host: the names that regular
// expressions match.
type Permission struct{ Configure, Write, Read string }

// Rights are those of a user who speaks and hears as these modules, and as nobody else. They are for what is the
// modules' own, whether it is needed or not; and to read, which is to bind a queue to, the exchanges of those they hear.
func (o Options) Rights(modules ...string) Permission {
	o = o.withDefaults()
	var mouths, ears, heard []string
	for _, module := range modules {
		mouths = append(mouths, o.exchange(module))
		ears = append(ears, o.queue(module), o.dead(module))
		for _, source := range o.Sources(module) {
			heard = append(heard, o.exchange(source))
		}
	}
	own := slices.Concat(mouths, ears)
	return Permission{Configure: only(own), Write: only(own), Read: only(slices.Concat(ears, heard))}
}

// only matches these names and no other.
func only(names []string) string {
	slices.Sort(names)
	quoted := make([]string, 0, len(names))
	for _, name := range slices.Compact(names) {
		quoted = append(quoted, regexp.QuoteMeta(name))
	}
	return "^(" + strings.Join(quoted, "|") + ")$"
}
