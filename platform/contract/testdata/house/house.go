// Package house is a contract for the tests of package contract.
package house

import "context"

// Opened announces
// an open door.
type Opened struct {
	Door string `json:"door"` // which one
	Keys []Key  `json:"keys"`
	Last Key    `json:"last"`
	Note string `json:"note,omitempty"`
}

// EventName is the event's name on the wire.
func (Opened) EventName() string { return "house.Opened" }

// EventVersion is the version of its payload.
func (Opened) EventVersion() int { return 2 }

// EventKey orders events of one door.
func (e Opened) EventKey() string { return e.Door }

type (
	// OpenedV1 knew no keys.
	OpenedV1 struct {
		Door string `json:"door"`
	}

	// A Key was used.
	Key struct {
		ID int64 `json:"id"`
	}

	// Slammed has its name from what it embeds.
	Slammed struct{ Opened }
)

// EventName is the event's name on the wire.
func (OpenedV1) EventName() string { return "house.Opened" }

// EventVersion is the version of its payload.
func (OpenedV1) EventVersion() int { return 1 }

// Keeper is no event.
type Keeper interface {
	Open(ctx context.Context, door string) error
}
