package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/components/cqrs"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/pangaea-shop/pangaea/platform/envelope"
	"github.com/pangaea-shop/pangaea/platform/inbox"
	"github.com/pangaea-shop/pangaea/platform/outbox"
)

// Events are one module's ears.
type Events struct {
	module     string
	subscriber message.Subscriber
	inbox      *inbox.Inbox
	manifest   outbox.Manifest
	names      []string
	router     *message.Router // nil while nothing is listened to
	running    chan error
}

// NewEvents returns the ears of a module: what comes on the subscriber's topic of its name goes through
// its inbox to its handlers. The subscriber is shared and closed by whoever made it.
func NewEvents(module string, subscriber message.Subscriber, in *inbox.Inbox, manifest outbox.Manifest) *Events {
	return &Events{module: module, subscriber: subscriber, inbox: in, manifest: manifest, running: make(chan error, 1)}
}

// Listen subscribes the module to events. It is called once, with all handlers of the module.
func (e *Events) Listen(handlers ...cqrs.GroupEventHandler) error {
	if e.router != nil {
		return fmt.Errorf("%s listens twice: list all its handlers in one call", e.module)
	}
	for _, h := range handlers {
		event, ok := h.NewEvent().(incoming)
		if !ok {
			return fmt.Errorf("%s listens with a %T: a handler is made with bus.On", e.module, h)
		}
		if slices.Contains(e.names, event.EventName()) {
			return fmt.Errorf("%s has two handlers of %s: an event has one", e.module, event.EventName())
		}
		if err := event.check(); err != nil {
			return fmt.Errorf("%s cannot listen: %w", e.module, err)
		}
		e.names = append(e.names, event.EventName())
	}
	slices.Sort(e.names)

	logger := watermillLogger(e.module)
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 30 * time.Second}, logger)
	if err != nil {
		return err
	}
	router.AddMiddleware(e.inbox.Middleware, e.known)
	e.router = router

	groups, err := cqrs.NewEventGroupProcessorWithConfig(router, cqrs.EventGroupProcessorConfig{
		GenerateSubscribeTopic: func(p cqrs.EventGroupProcessorGenerateSubscribeTopicParams) (string, error) {
			return p.EventGroupName, nil
		},
		SubscriberConstructor: func(cqrs.EventGroupProcessorSubscriberConstructorParams) (message.Subscriber, error) {
			return shared{e.subscriber}, nil
		},
		Marshaler: reader{},
		Logger:    logger,
	})
	if err != nil {
		return err
	}
	return groups.AddHandlersGroup(e.module, handlers...)
}

// Names are the events that the module listens to, sorted.
func (e *Events) Names() []string { return e.names }

// known parks events that the module has no handler for, and those that are not for their source to say: also when an
// operator has them tried again.
func (e *Events) known(next message.HandlerFunc) message.HandlerFunc {
	return func(m *message.Message) ([]*message.Message, error) {
		name, source := m.Metadata[envelope.Type], m.Metadata[envelope.Source]
		switch why := m.Metadata[envelope.Refused]; {
		case why != "":
			return nil, inbox.Hopeless(errors.New(why))
		case !slices.Contains(e.names, name):
			return nil, inbox.Hopeless(fmt.Errorf("%s has no handler for %s", e.module, name))
		case outbox.Source(name) != source:
			return nil, inbox.Hopeless(fmt.Errorf("%s is not for %s to say", name, source))
		}
		return next(m)
	}
}

// Start begins to listen, if what is listened to is what the others send.
func (e *Events) Start(ctx context.Context) error {
	if err := e.check(); err != nil {
		return err
	}
	if carrier, ok := e.subscriber.(introducer); ok && e.manifest.Speaks(e.module) {
		if err := carrier.Introduce(e.module); err != nil {
			return err
		}
	}
	if e.router == nil {
		return nil
	}
	go func() { e.running <- e.router.Run(context.WithoutCancel(ctx)) }()
	select {
	case <-e.router.Running():
		return e.inbox.Start(ctx)
	case err := <-e.running:
		return fmt.Errorf("%s cannot listen: %w", e.module, err)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// An introducer is a carrier that wants to know who is going to speak, whether they listen or not.
type introducer interface{ Introduce(module string) error }

// check compares what the module hears with what the manifest makes others send to it.
func (e *Events) check() error {
	sent := e.manifest.HeardBy(e.module)
	var wrong []string
	for _, name := range e.names {
		if !slices.Contains(sent, name) {
			wrong = append(wrong, name+" is listened to and not in the manifest")
		}
	}
	for _, name := range sent {
		if !slices.Contains(e.names, name) {
			wrong = append(wrong, name+" is in the manifest and not listened to")
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("subscriptions of %s differ from their manifest: %s; run `go generate ./...` and build again", e.module, strings.Join(wrong, ", "))
}

// Stop hears nothing more and waits for the handlers under way, as long as ctx lasts.
func (e *Events) Stop(ctx context.Context) error {
	if e.router == nil || !e.router.IsRunning() {
		return nil
	}
	closed := make(chan error, 1)
	go func() { closed <- e.router.Close() }()
	quiet := e.inbox.Stop(ctx) // meanwhile: a handler under way leaves what is kept behind its message
	select {
	case err := <-closed:
		return errors.Join(err, quiet)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// shared leaves closing to the owner: what a router closes is its own subscription, by its context.
type shared struct{ message.Subscriber }

func (shared) Close() error { return nil }

// watermillLogger has Watermill's news told as details: what matters is told by inbox and outbox.
func watermillLogger(module string) watermill.LoggerAdapter {
	told := watermill.NewSlogLoggerWithLevelMapping(slog.Default().With("module", module), map[slog.Level]slog.Level{
		slog.LevelInfo: slog.LevelDebug,
	})
	if slog.Default().Enabled(context.Background(), slog.LevelDebug) {
		return told
	}
	return errorsOnly{told}
}

// errorsOnly does not prepare what nobody reads: Watermill has several details to tell of every message.
type errorsOnly struct{ watermill.LoggerAdapter }

func (errorsOnly) Info(string, watermill.LogFields)  {}
func (errorsOnly) Debug(string, watermill.LogFields) {}
func (errorsOnly) Trace(string, watermill.LogFields) {}

func (l errorsOnly) With(fields watermill.LogFields) watermill.LoggerAdapter {
	return errorsOnly{l.LoggerAdapter.With(fields)}
}
