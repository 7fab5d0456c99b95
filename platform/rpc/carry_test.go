package rpc_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/auth/authtest"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/rpc"
	"github.com/pangaea-shop/pangaea/platform/telemetry"
)

// whoami answers with whom it is asked for.
func whoami(ctx context.Context, _ string) (string, error) {
	p, _ := auth.From(ctx)
	return p.Subject, nil
}

// signedIn is the context of a request with an access token, as the HTTP face makes it.
func signedIn(t *testing.T, keys auth.KeySource, token string) (ctx context.Context) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	auth.NewVerifier(keys).Authenticate(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx = r.Context()
	})).ServeHTTP(httptest.NewRecorder(), r)
	return ctx
}

func TestAQuestionIsAskedForWhoeverMadeTheRequest(t *testing.T) {
	keys, token := authtest.New(t)
	others, forged := authtest.New(t)
	answering := serve(t, rpc.Settings{}, keys, whoami)
	asking := dial(t, rpc.Settings{}, at(answering))

	who, err := asking.say(signedIn(t, keys, token("ada")), "")
	require.NoError(t, err)
	require.Equal(t, "ada", who)

	who, err = asking.say(t.Context(), "")
	require.NoError(t, err)
	require.Empty(t, who)

	who, err = asking.say(auth.With(t.Context(), auth.Principal{Subject: "eve"}), "")
	require.NoError(t, err)
	require.Empty(t, who, "who has no token proves nothing")

	_, err = asking.say(signedIn(t, others, forged("eve")), "")
	require.True(t, fault.Is(err, fault.Unauthenticated), err)
}

// A token that a question came with is not handed on by who answers it, unless it was found good.
func TestWhatCameWithAQuestionIsNotHandedOn(t *testing.T) {
	var handed metadata.MD
	last := serve(t, rpc.Settings{}, nil, func(ctx context.Context, _ string) (string, error) {
		handed, _ = metadata.FromIncomingContext(ctx)
		return "", nil
	})
	onward := dial(t, rpc.Settings{}, at(last))
	asking, _ := pair(t, onward.say)

	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-role", "staff", "authorization", "Bearer forged")
	_, err := asking.say(ctx, "")
	require.NoError(t, err)
	require.Empty(t, handed.Get("x-role"))
	require.Empty(t, handed.Get("authorization"))
}

// Both processes verify tokens with keys that they ask a third one for, which verifies tokens with them as well.
func TestKeysAreAskedForInNobodysName(t *testing.T) {
	keys, token := authtest.New(t)
	var office *instance
	office = serve(t, rpc.Settings{}, keysFrom(func(ctx context.Context) ([]byte, error) {
		return dial(t, rpc.Settings{}, at(office)).keys(ctx)
	}), func(ctx context.Context, _ string) (string, error) {
		document, err := keys.JWKS(ctx)
		return string(document), err
	})
	source := keysFrom(dial(t, rpc.Settings{}, at(office)).keys)

	who, err := dial(t, rpc.Settings{}, at(serve(t, rpc.Settings{}, source, whoami))).say(signedIn(t, source, token("ada")), "")

	require.NoError(t, err)
	require.Equal(t, "ada", who)
	document, err := dial(t, rpc.Settings{}, at(office)).say(signedIn(t, keys, token("ada")), "")
	require.NoError(t, err, "in somebody's name, too")
	require.NotEmpty(t, document)
}

type keysFrom func(context.Context) ([]byte, error)

func (k keysFrom) JWKS(ctx context.Context) ([]byte, error) { return k(ctx) }

func (c caller) keys(ctx context.Context) ([]byte, error) {
	document, err := c.say(ctx, "")
	return []byte(document), err
}

func TestAQuestionBelongsToTheTraceItIsAskedIn(t *testing.T) {
	var trace, correlation, causation string
	asking, _ := pair(t, func(ctx context.Context, _ string) (string, error) {
		trace, correlation, causation = telemetry.TraceID(ctx), telemetry.Correlation(ctx), telemetry.Causation(ctx)
		return "", nil
	})
	ctx := telemetry.WithCausation(telemetry.WithCorrelation(telemetry.Begin(t.Context()), "request-1"), "event-1")

	_, err := asking.say(ctx, "")
	require.NoError(t, err)
	require.Equal(t, []string{telemetry.TraceID(ctx), "request-1", "event-1"}, []string{trace, correlation, causation})

	_, err = asking.say(t.Context(), "")
	require.NoError(t, err)
	require.NotEmpty(t, trace, "a question without a trace begins one")
	require.NotEqual(t, telemetry.TraceID(ctx), trace)
}

func TestADeadlineIsCarried(t *testing.T) {
	left := make(chan time.Duration, 1)
	answering := serve(t, rpc.Settings{}, nil, func(ctx context.Context, _ string) (string, error) {
		deadline, _ := ctx.Deadline()
		left <- time.Until(deadline)
		return "", nil
	})
	asking := dial(t, rpc.Settings{Timeout: time.Hour}, at(answering))

	_, err := asking.say(t.Context(), "")
	require.NoError(t, err)
	require.InDelta(t, time.Hour, <-left, float64(time.Minute), "of who has none")

	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Hour)
	defer cancel()
	_, err = asking.say(ctx, "")
	require.NoError(t, err)
	require.InDelta(t, 2*time.Hour, <-left, float64(time.Minute), "of who has one")
}

func TestNobodyWaitsForEver(t *testing.T) {
	answering := serve(t, rpc.Settings{}, nil, hang)
	asking := dial(t, rpc.Settings{Timeout: 50 * time.Millisecond}, at(answering))

	_, err := asking.say(t.Context(), "")
	require.True(t, fault.Is(err, fault.Unavailable), err)
	require.ErrorContains(t, err, "sample cannot be asked at the moment: no answer within 50ms (PANGAEA_GRPC_TIMEOUT)")
	require.NotErrorIs(t, err, context.DeadlineExceeded, "that is not of the caller's making")

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = asking.say(ctx, "")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.False(t, fault.Is(err, fault.Unavailable), err)
}

// hang answers when nobody waits any more.
func hang(ctx context.Context, _ string) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestWhoLeavesIsNotAnswered(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan error, 1)
	asking, _ := pair(t, func(ctx context.Context, _ string) (string, error) {
		close(begun)
		<-ctx.Done()
		ended <- ctx.Err()
		return "", ctx.Err()
	})
	ctx, leave := context.WithCancel(t.Context())
	go func() { <-begun; leave() }()

	_, err := asking.say(ctx, "")

	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-ended, context.Canceled)
}

func TestAnAnswerThatWasGivenUpElsewhereMayBeAskedForAgain(t *testing.T) {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		asking, _ := pair(t, func(context.Context, string) (string, error) { return "", end })
		_, err := asking.say(t.Context(), "")
		require.True(t, fault.Is(err, fault.Unavailable), err)
		f, ok := fault.As(err)
		require.True(t, ok)
		require.Positive(t, f.RetryAfter)
		require.Error(t, errors.Unwrap(f), "it tells of what is behind us, which is not for clients")
	}
}

func TestQuestionsAreCountedOnBothEnds(t *testing.T) {
	asking, answering := pair(t, func(_ context.Context, said string) (string, error) {
		if said == "" {
			return "", fault.New(fault.NotFound, "nothing was said")
		}
		return said, nil
	})
	for _, said := range []string{"a", "", "b"} {
		_, _ = asking.say(t.Context(), said)
	}
	_ = asking.conn.Invoke(t.Context(), "/sample.Echo/Invented", &wrapperspb.BytesValue{}, &wrapperspb.BytesValue{})

	require.Equal(t, map[string]float64{"sample.Echo/Say OK": 2, "sample.Echo/Say NotFound": 1}, counted(t, answering.registry))
	require.Equal(t, map[string]float64{"sample.Echo/Say OK": 2, "sample.Echo/Say NotFound": 1, "sample.Echo/Invented Unimplemented": 1}, counted(t, asking.registry))
}
