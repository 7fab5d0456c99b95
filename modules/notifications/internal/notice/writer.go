package notice

import (
	"context"
	"time"

	"github.com/google/uuid"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/money"
	"github.com/pangaea-shop/pangaea/platform/tasks"
)

// TaskErase is the kind of task that forgets a customer. Its key is the account's id.
const TaskErase = "erase"

// grace is longer than a unit of work lasts that was under way when an account was closed.
const grace = time.Minute

// A Writer hears what happens in the shop and writes it to the customer it concerns.
type Writer struct {
	notices Repository
	post    *Post
	bag     Bag
	now     func() time.Time
}

// NewWriter returns a writer that reads the clock by now.
func NewWriter(notices Repository, post *Post, bag Bag, now func() time.Time) *Writer {
	return &Writer{notices: notices, post: post, bag: bag, now: now}
}

// AccountRegistered puts a customer into the address book.
func (w *Writer) AccountRegistered(ctx context.Context, e *identity.AccountRegistered) error {
	queued, err := w.notices.Enter(ctx, Person{AccountID: e.AccountID, Email: e.Email, Name: e.Name})
	if err != nil {
		return err
	}
	return w.post.Queue(ctx, queued...)
}

// AccountClosed forgets a customer, and once more when no notice can be under way that was written in
// ignorance of it.
func (w *Writer) AccountClosed(ctx context.Context, e *identity.AccountClosed) error {
	if err := w.erase(ctx, e.AccountID); err != nil {
		return err
	}
	return w.bag.Add(ctx, TaskErase, e.AccountID, nil, w.now().Add(grace))
}

// Erase does a task of the kind TaskErase.
func (w *Writer) Erase(ctx context.Context, t tasks.Task) error {
	return w.notices.Do(ctx, func(ctx context.Context) error { return w.erase(ctx, t.Key) })
}

func (w *Writer) erase(ctx context.Context, accountID string) error {
	unsent, err := w.notices.Erase(ctx, accountID, w.now())
	if err != nil {
		return err
	}
	return w.post.Cancel(ctx, unsent...)
}

// OrderConfirmed tells that the sale stands.
func (w *Writer) OrderConfirmed(ctx context.Context, e *ordering.OrderConfirmed) error {
	return w.write(ctx, OrderConfirmed, e.CustomerID, e.EventName()+"/"+e.OrderID, Facts{Order: e.OrderID, Amount: money.Money(e.Total).String()})
}

// OrderPaid tells that the money has come.
func (w *Writer) OrderPaid(ctx context.Context, e *ordering.OrderPaid) error {
	return w.write(ctx, OrderPaid, e.CustomerID, e.EventName()+"/"+e.OrderID, Facts{Order: e.OrderID})
}

// OrderCancelled tells that the order is given up, and why.
func (w *Writer) OrderCancelled(ctx context.Context, e *ordering.OrderCancelled) error {
	return w.write(ctx, OrderCancelled, e.CustomerID, e.EventName()+"/"+e.OrderID, Facts{Order: e.OrderID, Reason: e.Reason})
}

// OrderCompleted tells that the goods have arrived.
func (w *Writer) OrderCompleted(ctx context.Context, e *ordering.OrderCompleted) error {
	return w.write(ctx, OrderCompleted, e.CustomerID, e.EventName()+"/"+e.OrderID, Facts{Order: e.OrderID})
}

// CancellationRefused tells that the goods were faster.
func (w *Writer) CancellationRefused(ctx context.Context, e *ordering.CancellationRefused) error {
	return w.write(ctx, CancellationRefused, e.CustomerID, e.EventName()+"/"+e.OrderID, Facts{Order: e.OrderID})
}

// ShipmentDispatched tells that the goods are on their way.
func (w *Writer) ShipmentDispatched(ctx context.Context, e *shipping.ShipmentDispatched) error {
	return w.write(ctx, OrderDispatched, e.CustomerID, e.EventName()+"/"+e.ShipmentID, Facts{Order: e.OrderID, Tracking: e.TrackingNumber})
}

// PaymentRefunded tells that money went back, for a cancelled order or for a return.
func (w *Writer) PaymentRefunded(ctx context.Context, e *payments.PaymentRefunded) error {
	facts := Facts{Order: e.OrderID, Amount: money.Money(e.Amount).String(), Return: e.ReturnID != ""}
	return w.write(ctx, Refunded, e.CustomerID, e.EventName()+"/"+e.PaymentID+"/"+e.ReturnID, facts)
}

// PaymentRefundFailed tells that money will take longer. However often it fails, that is told once.
func (w *Writer) PaymentRefundFailed(ctx context.Context, e *payments.PaymentRefundFailed) error {
	facts := Facts{Order: e.OrderID, Amount: money.Money(e.Amount).String(), Return: e.ReturnID != ""}
	return w.write(ctx, RefundFailed, e.CustomerID, e.EventName()+"/"+e.PaymentID+"/"+e.ReturnID, facts)
}

// write keeps a notice of an event and sees to its e-mail. The same event again changes nothing.
func (w *Writer) write(ctx context.Context, kind Kind, customer, event string, facts Facts) error {
	person, known, err := w.person(ctx, customer)
	if err != nil {
		return err
	}
	facts.Name = person.Name
	subject, body, err := Render(kind, facts)
	if err != nil {
		return err
	}
	n := Notice{
		ID: uuid.Must(uuid.NewV7()).String(), Event: event, Kind: kind, CustomerID: customer, OrderID: facts.Order,
		Subject: subject, Body: body, Delivery: w.delivery(customer, person, known), CreatedAt: w.now(),
	}
	added, err := w.notices.Add(ctx, n)
	if err != nil || !added || n.Delivery != Queued {
		return err
	}
	return w.post.Queue(ctx, n.ID)
}

// person returns what is known of a customer. Nobody asks who a guest is.
func (w *Writer) person(ctx context.Context, customer string) (Person, bool, error) {
	if customer == identity.Guest {
		return Person{}, false, nil
	}
	return w.notices.Person(ctx, customer)
}

func (w *Writer) delivery(customer string, person Person, known bool) Delivery {
	switch {
	case !w.post.Mails() || customer == identity.Guest || (known && person.Email == ""):
		return Kept
	case !known:
		return Waiting // the order may be faster than the news of its customer
	}
	return Queued
}
