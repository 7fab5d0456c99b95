// Package ledger keeps the books of payments in double entry: every movement of money is a transaction
// whose postings sum to zero in each currency.
//
//	held         holds +, held for us −      what the provider has set aside; off the books until it is captured
//	captured     clearing +, sales −         and the hold ends
//	refund owed  refunds +, customers −      from the moment the shop has to pay it back
//	refund paid  customers +, clearing −
package ledger

import (
	"time"

	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/money"
)

// An Account is a page of the books. Debits are positive, credits negative.
type Account string

// The accounts.
const (
	Holds     Account = "holds"       // off the books: money of customers that the provider sets aside ...
	HeldForUs Account = "held_for_us" // ... and its counterpart
	Clearing  Account = "clearing"    // what the provider has taken for us and not paid back
	Sales     Account = "sales"
	Refunds   Account = "refunds"
	Customers Account = "customers" // what we owe customers
)

// A Kind says what a transaction is about.
type Kind string

// The kinds of transactions.
const (
	Held       Kind = "held"
	Released   Kind = "released"
	Captured   Kind = "captured"
	RefundOwed Kind = "refund_owed"
	RefundPaid Kind = "refund_paid"
)

// A Posting moves an amount on one account.
type Posting struct {
	Account Account
	Amount  money.Money
}

// A Transaction is a movement of money. It happens once: no two have the same kind and reference.
type Transaction struct {
	Kind      Kind
	Reference string // the id of the payment or refund that it is about
	At        time.Time
	Postings  []Posting
}

// moves lists for each kind what is debited and credited, in pairs.
var moves = map[Kind][][2]Account{
	Held:       {{Holds, HeldForUs}},
	Released:   {{HeldForUs, Holds}},
	Captured:   {{HeldForUs, Holds}, {Clearing, Sales}},
	RefundOwed: {{Refunds, Customers}},
	RefundPaid: {{Customers, Clearing}},
}

// Of returns the transaction of a kind over an amount.
func Of(kind Kind, reference string, amount money.Money, at time.Time) Transaction {
	t := Transaction{Kind: kind, Reference: reference, At: at}
	for _, pair := range moves[kind] {
		t.Postings = append(t.Postings,
			Posting{pair[0], amount},
			Posting{pair[1], money.New(-amount.Amount, amount.Currency)})
	}
	return t
}

// Check returns an error unless the transaction moves something and its postings sum to zero in each currency.
func (t Transaction) Check() error {
	sums := map[string]money.Money{}
	for _, posting := range t.Postings {
		if posting.Amount.IsZero() {
			return fault.New(fault.Internal, "%s %s posts nothing to %s", t.Kind, t.Reference, posting.Account)
		}
		currency := posting.Amount.Currency
		sum, err := money.New(sums[currency].Amount, currency).Add(posting.Amount)
		if err != nil {
			return err
		}
		sums[currency] = sum
	}
	for _, sum := range sums {
		if !sum.IsZero() {
			return fault.New(fault.Internal, "%s %s is out of balance by %s", t.Kind, t.Reference, sum)
		}
	}
	if len(t.Postings) == 0 {
		return fault.New(fault.Internal, "%s %s moves nothing", t.Kind, t.Reference)
	}
	return nil
}
