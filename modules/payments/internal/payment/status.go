package payment

// A Status says how far a payment has come.
type Status string

// The statuses. A payment that nobody has asked for yet has none.
const (
	None              Status = ""
	Authorizing       Status = "authorizing"
	Authorized        Status = "authorized"
	Declined          Status = "declined"
	Capturing         Status = "capturing"
	Captured          Status = "captured"
	CaptureFailed     Status = "capture_failed"
	PartiallyRefunded Status = "partially_refunded"
	Refunded          Status = "refunded"
	Voiding           Status = "voiding"
	Voided            Status = "voided"
)

// Waits reports whether an answer of the provider is awaited about the payment itself. Refunds wait for
// their own.
func (s Status) Waits() bool { return s == Authorizing || s == Capturing || s == Voiding }

// Moved reports whether the money was captured, whatever became of it then.
func (s Status) Moved() bool { return s == Captured || s == PartiallyRefunded || s == Refunded }

// Shown is the status as clients see it, who are not interested in calls under way.
func (p State) Shown() Status {
	switch {
	case p.Status == Authorizing, p.Status == Voiding && !p.Held:
		return "pending"
	case p.Status == Capturing, p.Status == Voiding:
		return Authorized
	default:
		return p.Status
	}
}
