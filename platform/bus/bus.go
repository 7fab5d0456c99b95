// Package bus joins modules by events, over Watermill.
//
//	outbox ─▶ Relay ─▶ message.Publisher ─▶ … ─▶ message.Subscriber ─▶ Router ─▶ inbox ─▶ bus.On(handler)
//
// A module has one topic, named after it, on which it hears whatever it listens to; Direct carries
// messages within a process. What is promised is the same on every carrier, and bustest proves it:
//
//  1. a committed event reaches every module that subscribes, across a crash at any moment;
//  2. the handler's effect, its inbox record and its own events are one transaction: a repeated message changes nothing;
//  3. the events of one key arrive in order from one module to another, those of different keys side by side;
//  4. a slow or dead subscriber delays only itself;
//  5. a message that keeps failing is tried again with back-off and then parked, later ones of its key wait behind it;
//  6. an event that nobody hears is kept, and can be replayed to a module that subscribes later;
//  7. an event that nobody understands is parked, not lost, and one of an earlier version is read as the newest.
package bus
