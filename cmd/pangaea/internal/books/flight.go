package books

import (
	"fmt"
	"regexp"
	"time"

	"github.com/pangaea-shop/pangaea/platform/backlog"
)

// A flight knows about which ids something is on its way or still to be done.
type flight struct {
	told  map[[2]string]map[string]bool // between two parts: events that are to be delivered or applied
	tasks map[string]map[string]bool    // within a part
	dead  []backlog.Item
	named map[string][]backlog.Item // everything that is not finished, by the ids it names
}

var uuid = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func newFlight(items []backlog.Item) flight {
	f := flight{
		told: map[[2]string]map[string]bool{}, tasks: map[string]map[string]bool{}, named: map[string][]backlog.Item{},
	}
	for _, item := range items {
		ids := append(uuid.FindAllString(item.Key, -1), uuid.FindAllString(item.Payload, -1)...)
		if item.State == backlog.Parked {
			f.dead = append(f.dead, item)
		}
		for _, id := range ids {
			f.named[id] = append(f.named[id], item)
			if item.Kind == backlog.Task {
				add(f.tasks, item.Module, id)
			} else {
				add(f.told, pair(item.Module, item.Peer), id)
			}
		}
	}
	return f
}

func add[K comparable](sets map[K]map[string]bool, key K, id string) {
	if sets[key] == nil {
		sets[key] = map[string]bool{}
	}
	sets[key][id] = true
}

func pair(one, other string) [2]string {
	if one > other {
		one, other = other, one
	}
	return [2]string{one, other}
}

// between reports whether one of two parts has something about id to tell the other, or has been told and
// has not applied it.
func (f flight) between(one, other, id string) bool { return f.told[pair(one, other)][id] }

// inside reports whether a part has still something to do about id.
func (f flight) inside(part, id string) bool { return f.tasks[part][id] }

// ends reports whether something is going to end an order that is past its deadline, or an operator has
// been told about it: a task that is due, a message that is tried again, a dead letter.
func (f flight) ends(orderID string, now time.Time) bool {
	for _, item := range f.named[orderID] {
		switch {
		case item.State == backlog.Parked, item.State == backlog.Retrying:
			return true
		case item.Kind == backlog.Task && item.Module == ordering && !item.Due.After(now):
			return true
		}
	}
	return false
}

// letters says what waits for an operator.
func (f flight) letters() (waiting []string) {
	for _, item := range f.dead {
		waiting = append(waiting, fmt.Sprintf("%s: %s %s about %s was given up: %s", item.Module, item.Kind, item.Name, item.Key, item.Error))
	}
	return waiting
}
