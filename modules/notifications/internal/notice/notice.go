// Package notice tells customers what happened to their orders: in their inbox, and by e-mail where
// there is a mail server.
//
//	event ─▶ Writer ─▶ notice ─┬─▶ kept                          no mail server, a guest, or a closed account
//	                           ├─▶ waiting ─▶ queued ─▶ sent     the account is not known here yet
//	                           └─▶ queued ─▶ sent
package notice

import (
	"context"
	"time"
)

// A Delivery is how far the e-mail of a notice has come.
type Delivery string

// The deliveries.
const (
	Kept    Delivery = "kept"    // shown, and not sent
	Waiting Delivery = "waiting" // until its customer's address is known
	Queued  Delivery = "queued"  // to be sent
	Sent    Delivery = "sent"
)

// A Notice is one thing a customer is told.
type Notice struct {
	ID         string
	Event      string // what it tells of: one notice per event, however often it is heard
	Kind       Kind
	CustomerID string
	OrderID    string
	Subject    string
	Body       string
	Delivery   Delivery
	CreatedAt  time.Time
	ReadAt     time.Time // zero: not yet
}

// A Person is somebody with an account.
type Person struct {
	AccountID string
	Email     string // empty once the account is closed
	Name      string
}

// A Repository keeps notices and the address book. Its methods join the unit of work that ctx belongs to.
type Repository interface {
	// Do runs work as one unit of work, which everything that is given work's ctx joins.
	Do(ctx context.Context, work func(ctx context.Context) error) error
	// Add keeps a notice, unless its event was told already.
	Add(ctx context.Context, n Notice) (added bool, err error)
	// Find returns a notice; a missing one is fault.NotFound.
	Find(ctx context.Context, id string) (Notice, error)
	// Person returns what is known of an account, if anything. Within a unit of work an account that is not
	// known stays so until it has ended: what waits for the address is there when Enter looks for it.
	Person(ctx context.Context, accountID string) (p Person, known bool, err error)
	// Enter puts somebody into the address book and queues what waits for the address; it returns the ids.
	Enter(ctx context.Context, p Person) (queued []string, err error)
	// Erase forgets who an account belonged to and what its notices said; it returns the ids of those that
	// were still to be sent. It does not see a notice that somebody else is adding at that moment.
	Erase(ctx context.Context, accountID string, at time.Time) (unsent []string, err error)
	// Delivered notes how far a queued notice has come.
	Delivered(ctx context.Context, id string, d Delivery, at time.Time) error
}
