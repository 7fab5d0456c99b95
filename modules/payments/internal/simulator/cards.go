package simulator

// The cards that the provider knows. It declines every other.
const (
	Approve     = "tok_approve"      // everything goes well
	Decline     = "tok_decline"      // nothing is ever held
	Timeout     = "tok_timeout"      // the call is never answered, and nobody ever decides
	Late        = "tok_late"         // held, and said so when it is too late
	Twice       = "tok_twice"        // every answer is given a second time
	CaptureFail = "tok_capture_fail" // held, and then not taken
	RefundFail  = "tok_refund_fail"  // taken, and the first refund is refused
)
