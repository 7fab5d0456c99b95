package contract

import (
	"fmt"
	"slices"
)

// Breaks lists what whoever was built with the released schemas, or an event that was announced under
// them, would stumble over: a line each that says what, and what to do. Nothing is said of an event, a
// version or an optional field that is new, nor of a version that is older than the last two.
func Breaks(released, current []Schema) (broken []string) {
	for _, old := range released {
		newest, last := newest(current, old.Event), newest(released, old.Event)
		now := slices.IndexFunc(current, func(s Schema) bool { return s.String() == old.String() })
		switch {
		case now >= 0:
			for _, change := range changes("", old.Schema, current[now].Schema) {
				broken = append(broken, fmt.Sprintf("%s: %s; %s", old, change, remedy(old.Version, newest)))
			}
		case newest == 0:
			broken = append(broken, fmt.Sprintf("%s: the event is gone or renamed; a name stays: keep it as it was", old))
		case old.Version > newest:
			broken = append(broken, fmt.Sprintf("%s: this version is gone; bring it back: what was announced is on its way", old))
		case old.Version == last || old.Version == newest-1:
			broken = append(broken, fmt.Sprintf("%s: this version is gone; keep its type without EventKey, and an upcaster from it", old))
		}
	}
	return broken
}

// newest is the newest version of an event, 0 if there is none.
func newest(schemas []Schema, event string) (version int) {
	for _, s := range schemas {
		if s.Event == event {
			version = max(version, s.Version)
		}
	}
	return version
}

func remedy(version, newest int) string {
	if version < newest {
		return "undo it: what has a successor does not change"
	}
	return fmt.Sprintf("undo it, or say it in a version %d (EventVersion) and keep version %d with an upcaster from it", version+1, version)
}
