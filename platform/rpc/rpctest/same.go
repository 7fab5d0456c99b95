package rpctest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Same asks in the same process and from elsewhere, and requires that nobody can tell from the answers which was
// which.
func Same[A any](t *testing.T, here, elsewhere func() (A, error)) {
	t.Helper()
	want, wrongHere := here()
	got, wrongElsewhere := elsewhere()
	SameError(t, wrongHere, wrongElsewhere)
	if wrongHere == nil {
		require.Equal(t, want, got)
	}
}

// SameError requires that nobody can tell two errors apart but by the text of one that nobody foresaw.
func SameError(t *testing.T, want, got error) {
	t.Helper()
	require.Equal(t, want == nil, got == nil, "%v, and from elsewhere %v", want, got)
	require.Equal(t, fault.KindOf(want), fault.KindOf(got), "%v, and from elsewhere %v", want, got)
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		require.Equal(t, errors.Is(want, end), errors.Is(got, end), "%v, and from elsewhere %v", want, got)
	}
	if fault.Is(want, fault.Internal) {
		return
	}
	here, _ := fault.As(want)
	elsewhere, _ := fault.As(got)
	require.Equal(t, text(t, here), text(t, elsewhere))
}

// text is all that can be known of a fault.
func text(t *testing.T, f *fault.Error) string {
	t.Helper()
	if f == nil {
		return ""
	}
	details, err := json.Marshal(f.Details)
	require.NoError(t, err)
	return fmt.Sprintf("%d %q %q %v %s %s caused: %t", f.Kind, f.Code, f.Message, f.Fields, details, f.RetryAfter, f.Unwrap() != nil)
}

// Errors are what may be wrong with an answer: each kind of fault, with nothing and with everything it may have,
// inside others, and what is no fault.
func Errors() []error {
	failed := []error{
		errors.New("a canary that nobody foresaw"),
		fault.Wrong("items[0].sku", "%q is not on sale", "MUG\n\xff"),
		fmt.Errorf("ask: %w", fault.New(fault.NotFound, "no order %d%%", 100)),
	}
	for kind := fault.Internal; kind <= fault.Unknown; kind++ {
		full := fault.New(kind, "it is so: %w", errors.New("because of that")).WithCode("already-dispatched").
			WithDetail("at", int64(1)<<60+1).WithDetail("price", map[string]any{"amount": 1999, "currency": "GBP"}).
			After(1500 * time.Millisecond)
		full.Fields = []fault.Field{{Name: "items[0].sku", Message: "is ünknown"}, {Name: "", Message: ""}}
		failed = append(failed, fault.New(kind, "it is so"), full)
	}
	return failed
}
