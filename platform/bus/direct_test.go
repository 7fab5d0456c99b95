package bus_test

import (
	"context"
	"sync"
	"testing"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus"
)

// publish sends a message and gives the outcome later.
func publish(d *bus.Direct, m *message.Message) <-chan error {
	outcome := make(chan error, 1)
	go func() { outcome <- d.Publish("town", m) }()
	return outcome
}

func mail() *message.Message { return message.NewMessage("1", []byte("hello")) }

func TestDirectSaysSuccessOnlyWhenAcknowledged(t *testing.T) {
	t.Run("acknowledged", func(t *testing.T) {
		d := bus.NewDirect()
		defer func() { require.NoError(t, d.Close()) }()
		messages, err := d.Subscribe(t.Context(), "town")
		require.NoError(t, err)
		outcome := publish(d, mail())
		m := <-messages
		require.Empty(t, outcome, "before the acknowledgement")
		m.Ack()
		require.NoError(t, <-outcome)
		<-m.Context().Done()
	})

	t.Run("refused", func(t *testing.T) {
		d := bus.NewDirect()
		defer func() { require.NoError(t, d.Close()) }()
		messages, err := d.Subscribe(t.Context(), "town")
		require.NoError(t, err)
		outcome := publish(d, mail())
		(<-messages).Nack()
		require.ErrorContains(t, <-outcome, "refused")
	})

	t.Run("nobody subscribed", func(t *testing.T) {
		d := bus.NewDirect()
		defer func() { require.NoError(t, d.Close()) }()
		require.ErrorContains(t, d.Publish("town", mail()), "nobody in this process is subscribed to town")
	})

	t.Run("closed with a message unacknowledged", func(t *testing.T) {
		d := bus.NewDirect()
		messages, err := d.Subscribe(t.Context(), "town")
		require.NoError(t, err)
		outcome := publish(d, mail())
		<-messages
		require.NoError(t, d.Close())
		require.ErrorContains(t, <-outcome, "ended before")
		require.Error(t, d.Publish("town", mail()))
		_, err = d.Subscribe(t.Context(), "town")
		require.Error(t, err)
	})

	t.Run("subscription cancelled with a message unacknowledged", func(t *testing.T) {
		d := bus.NewDirect()
		defer func() { require.NoError(t, d.Close()) }()
		ctx, cancel := context.WithCancel(t.Context())
		messages, err := d.Subscribe(ctx, "town")
		require.NoError(t, err)
		outcome := publish(d, mail())
		m := <-messages
		cancel()
		require.ErrorContains(t, <-outcome, "ended before")
		<-m.Context().Done()
		_, open := <-messages
		require.False(t, open)
	})

	t.Run("given up by the publisher", func(t *testing.T) {
		d := bus.NewDirect()
		defer func() { require.NoError(t, d.Close()) }()
		_, err := d.Subscribe(t.Context(), "town")
		require.NoError(t, err)
		m := mail()
		ctx, cancel := context.WithCancel(t.Context())
		m.SetContext(ctx)
		outcome := publish(d, m)
		cancel()
		require.ErrorIs(t, <-outcome, context.Canceled)
	})
}

func TestDirectCarriesManyAtOnce(t *testing.T) {
	d := bus.NewDirect()
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	messages, err := d.Subscribe(t.Context(), "town")
	require.NoError(t, err)
	var outcomes sync.WaitGroup
	for range 100 {
		outcomes.Go(func() { require.NoError(t, d.Publish("town", mail())) })
	}
	var all []*message.Message
	for range 100 { // none is acknowledged yet
		all = append(all, <-messages)
	}
	for _, m := range all {
		m.Ack()
	}
	outcomes.Wait()
}

func TestDirectSubscribersTakeTurns(t *testing.T) {
	d := bus.NewDirect()
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	one, err := d.Subscribe(t.Context(), "town")
	require.NoError(t, err)
	two, err := d.Subscribe(t.Context(), "town")
	require.NoError(t, err)
	first, second := publish(d, mail()), publish(d, mail())
	(<-one).Ack()
	(<-two).Ack()
	require.NoError(t, <-first)
	require.NoError(t, <-second)
}
