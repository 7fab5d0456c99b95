// Package bustest holds what every carrier of messages between modules has to pass: our own promises
// (Run) and Watermill's suite for Pub/Subs (Watermill). Flood and Poison are the promises under load.
//
// The modules of a test have databases of the kind that PANGAEA_TEST_DATABASE names.
package bustest

import "testing"

// Run proves the promises of package bus on a carrier.
func Run(t *testing.T, carrier Carrier) { Parts{Carrier: carrier}.Run(t) }

// Run proves the promises of package bus on these parts.
func (p Parts) Run(t *testing.T) {
	for _, promise := range []struct {
		name  string
		holds func(*lab)
	}{
		{"an event reaches every module that subscribes, once", reachesEverybodyOnce},
		{"an event is told only if its unit of work commits", toldOnlyIfCommitted},
		{"what is pending at the end of a process is delivered by the next", pendingSurvivesARestart},
		{"a relay that dies before it marks repeats itself without effect", deathBeforeTheMark},
		{"a confirmation that gets lost has no second effect", lostConfirmations},
		{"a carrier that repeats and reorders changes nothing", aStorm},
		{"a handler's events are part of its effect", effectAndEventsAreOne},
		{"events of a key stay in order under concurrent writers", orderPerKey},
		{"a slow subscriber delays only itself", aSlowSubscriber},
		{"an absent subscriber delays only itself", anAbsentSubscriber},
		{"a subscriber that cannot commit hears it again", aSubscriberWithoutADatabase},
		{"a busy key leaves room for others", aBusyKey},
		{"a poisoned message is parked and holds up its own key only", poison},
		{"an operator's retry, edit and drop take effect in order", operatorActs},
		{"a failure that passes is got over", passingFailure},
		{"an event nobody hears is kept for a module that subscribes later", lateSubscriber},
		{"an event nobody understands is parked", notUnderstood},
		{"a message that says nothing of itself is parked", strangers},
		{"a trace goes from cause to effect", traces},
	} {
		t.Run(promise.name, func(t *testing.T) {
			t.Parallel()
			promise.holds(newLab(t, p))
		})
	}
}
