package nats

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/nats-io/nats.go/jetstream"
)

// subject is what messages for a destination are published to.
func (o Options) subject(destination string) string { return o.Prefix + "." + destination }

// stream is where they wait. Each destination has one: who may hear what can be said in a server's rights, nobody
// waits for another's disk writes, and where nobody has ever listened there is none to take a message for good.
func (o Options) stream(destination string) string { return o.Prefix + "-" + destination }

// keeping is config with what has to hold for a stream: it is on disk, keeps every message until it is acknowledged,
// and takes no more when it is full. The rest, such as in how many copies, is its administrator's to say.
func (o Options) keeping(config jetstream.StreamConfig, destination string) jetstream.StreamConfig {
	config.Name, config.Subjects = o.stream(destination), []string{o.subject(destination)}
	config.Storage, config.Retention, config.Discard = jetstream.FileStorage, jetstream.WorkQueuePolicy, jetstream.DiscardNew
	config.MaxAge, config.MaxMsgsPerSubject = 0, -1
	return config
}

// Stream is the name of what messages for a destination wait in.
func (o Options) Stream(destination string) string { return o.withDefaults().stream(destination) }

// consumer is how all instances of a destination together take messages. What each has is limited by what it asks
// for: a limit for all of them would let one that hangs keep the others from theirs.
func (o Options) consumer(destination string) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable: destination, AckPolicy: jetstream.AckExplicitPolicy, AckWait: o.Silence, MaxDeliver: -1, MaxAckPending: -1,
	}
}

// declare makes what destination needs to hear.
func (o Options) declare(ctx context.Context, js jetstream.JetStream, destination string) (jetstream.Consumer, error) {
	if _, err := js.Stream(ctx, o.stream(destination)); errors.Is(err, jetstream.ErrStreamNotFound) {
		if _, err := js.CreateStream(ctx, o.keeping(jetstream.StreamConfig{}, destination)); err != nil {
			return nil, fmt.Errorf("declare stream %s: %w", o.stream(destination), err)
		}
	}
	stream, err := o.setRight(ctx, js, destination)
	if err != nil {
		return nil, err
	}
	consumer, err := stream.CreateOrUpdateConsumer(ctx, o.consumer(destination))
	if err != nil {
		return nil, fmt.Errorf("declare the consumer of stream %s: %w", o.stream(destination), err)
	}
	return consumer, nil
}

// renew sets right what is heard, and returns an error if it is gone: what is made again while the server still deletes
// what was called the same loses its files to that.
func (o Options) renew(ctx context.Context, js jetstream.JetStream, destination string) error {
	stream, err := o.setRight(ctx, js, destination)
	if err != nil {
		return err
	}
	if _, err = stream.Consumer(ctx, destination); err == nil {
		_, err = stream.CreateOrUpdateConsumer(ctx, o.consumer(destination))
	}
	if err != nil {
		return fmt.Errorf("the consumer of stream %s: %w", o.stream(destination), err)
	}
	return nil
}

// setRight has what has to hold for the stream hold.
func (o Options) setRight(ctx context.Context, js jetstream.JetStream, destination string) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, o.stream(destination))
	if err == nil {
		found := stream.CachedInfo().Config
		if wanted := o.keeping(found, destination); !reflect.DeepEqual(found, wanted) {
			stream, err = js.UpdateStream(ctx, wanted)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("stream %s: %w", o.stream(destination), err)
	}
	return stream, nil
}
