package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Settings lists what was asked for so far, by name.
func (c *Config) Settings() []Setting {
	c.mu.Lock()
	defer c.mu.Unlock()
	var settings []Setting
	for _, name := range slices.Sorted(maps.Keys(c.declared)) {
		settings = append(settings, c.declared[name])
	}
	return settings
}

// CheckUnknown reports what was written and nobody asked for: every such key of the file, and every
// environment variable that looks like a misspelt one, of a file that several processes read as well. Other variables may be somebody else's: another
// process's of the same shop, or what Kubernetes sets for a service of that name.
func (c *Config) CheckUnknown() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var problems []error
	for _, l := range c.layers {
		for _, name := range slices.Sorted(maps.Keys(l.values)) {
			if _, known := c.declared[name]; known || name == fileVariable {
				continue
			}
			nearest := c.nearest(name)
			switch {
			case nearest != "":
				problems = append(problems, fmt.Errorf("%s (%s) is not a setting: did you mean %s?", name, l.origin, nearest))
			case l.origin != environment && !c.shared:
				key := strings.ToLower(strings.TrimPrefix(name, prefix))
				problems = append(problems, fmt.Errorf("%s in %s is not a setting", key, l.origin))
			}
		}
	}
	return errors.Join(problems...)
}

// Ignored lists the environment variables that nobody asked for, without those that CheckUnknown reports, and none
// where other processes' settings may be among them.
func (c *Config) Ignored() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared {
		return nil
	}
	for _, l := range c.layers {
		for _, name := range slices.Sorted(maps.Keys(l.values)) {
			_, known := c.declared[name]
			if !known && name != fileVariable && l.origin == environment && c.nearest(name) == "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// nearest returns the unset setting that name probably means, or "".
func (c *Config) nearest(name string) string {
	best, distance := "", 3
	for _, candidate := range slices.Sorted(maps.Keys(c.declared)) {
		if d := edits(name, candidate); d < distance && c.declared[candidate].Origin == Default {
			best, distance = candidate, d
		}
	}
	return best
}

// edits counts the letters to insert, delete or replace to get from a to b (Levenshtein).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			above := row[j+1]
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + min(diagonal, above, row[j])
			}
			diagonal, row[j+1] = above, cost
		}
	}
	return row[len(b)]
}
