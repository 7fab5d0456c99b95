package deadletters

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// A Group is how many letters of a module have the same name and the same error.
type Group struct {
	Module string `json:"module"`
	Kind   Kind   `json:"kind"`
	Name   string `json:"name"`
	Error  string `json:"error"` // its first line, without ids
	Count  int    `json:"count"`
}

// Tally counts letters, the largest group of each module first.
func Tally(letters []Letter) []Group {
	counts := map[Group]int{}
	for _, l := range letters {
		counts[Group{Module: l.Module, Kind: l.Kind, Name: l.Name, Error: gist(l.Error)}]++
	}
	groups := []Group{}
	for g, n := range counts {
		g.Count = n
		groups = append(groups, g)
	}
	slices.SortFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Module, b.Module), cmp.Compare(b.Count, a.Count), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Error, b.Error))
	})
	return groups
}

// ids are what makes errors differ that are the same.
var ids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func gist(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	return ids.ReplaceAllString(first, "…")
}
