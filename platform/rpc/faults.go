package rpc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// kinds are the code of each kind of fault, for programs that know gRPC alone, and its name on the wire.
var kinds = map[fault.Kind]struct {
	code codes.Code
	name string
}{
	fault.Internal:        {codes.Internal, "internal"},
	fault.Malformed:       {codes.InvalidArgument, "malformed"},
	fault.Invalid:         {codes.InvalidArgument, "invalid"},
	fault.Unauthenticated: {codes.Unauthenticated, "unauthenticated"},
	fault.Forbidden:       {codes.PermissionDenied, "forbidden"},
	fault.NotFound:        {codes.NotFound, "not-found"},
	fault.Conflict:        {codes.FailedPrecondition, "conflict"},
	fault.TooLarge:        {codes.ResourceExhausted, "too-large"},
	fault.TooMany:         {codes.ResourceExhausted, "too-many"},
	fault.Unavailable:     {codes.Unavailable, "unavailable"},
	fault.Unknown:         {codes.Unknown, "outcome-unknown"},
}

// A sentFault is a fault on the wire: JSON, as a detail of the status. Its numbers stay as they are written.
type sentFault struct {
	Kind       string         `json:"kind"`
	Code       string         `json:"code,omitempty"`
	Message    string         `json:"message"`
	Fields     []fault.Field  `json:"fields,omitempty"`
	Details    map[string]any `json:"details,omitempty"`
	RetryAfter time.Duration  `json:"retry_after_ns,omitempty"`
	Caused     bool           `json:"caused,omitempty"` // the message tells of what is behind us
}

// send is the status of an error that a question met. What nobody foresaw is logged, and stays here.
func send(ctx context.Context, method string, err error) *status.Status {
	f, known := fault.As(err)
	switch {
	case err == nil:
		return nil
	case known && f.Kind != fault.Internal:
		if f.Kind == fault.Unavailable || f.Kind == fault.Unknown {
			slog.WarnContext(ctx, "question could not be answered", "method", method, "error", err)
		}
		sent, invalid := sendFault(f)
		if invalid == nil {
			return sent
		}
		err = errors.Join(err, invalid)
	case errors.Is(err, context.DeadlineExceeded):
		return status.New(codes.DeadlineExceeded, "the question took too long")
	case errors.Is(err, context.Canceled):
		return status.New(codes.Canceled, "the question was given up")
	}
	slog.ErrorContext(ctx, "question failed", "method", method, "error", err)
	return status.New(codes.Internal, internalMessage)
}

const internalMessage = "something went wrong where the question was answered; its log says what"

func sendFault(f *fault.Error) (*status.Status, error) {
	kind := kinds[f.Kind]
	text, err := json.Marshal(sentFault{kind.name, f.Code, f.Message, f.Fields, f.Details, f.RetryAfter, f.Unwrap() != nil})
	if err != nil {
		return nil, err
	}
	return status.New(kind.code, strings.ToValidUTF8(f.Message, "\uFFFD")).WithDetails(wrapperspb.String(string(text)))
}

// received is the fault that a status tells of, if it is one of ours.
func received(s *status.Status) (*fault.Error, bool) {
	for _, detail := range s.Details() {
		text, ok := detail.(*wrapperspb.StringValue)
		if !ok {
			continue
		}
		var sent sentFault
		numbers := json.NewDecoder(strings.NewReader(text.Value))
		numbers.UseNumber()
		if err := numbers.Decode(&sent); err != nil {
			continue
		}
		for kind, known := range kinds {
			if known.name == sent.Kind {
				return sent.fault(kind), true
			}
		}
	}
	return nil, false
}

func (s sentFault) fault(kind fault.Kind) *fault.Error {
	f := fault.New(kind, "%s", s.Message)
	if s.Caused {
		f = fault.New(kind, "%w", errors.New(s.Message))
	}
	f.Code, f.Fields, f.Details, f.RetryAfter = s.Code, s.Fields, s.Details, s.RetryAfter
	return f
}

// explain is what became of a question, as if it had been asked in the same process: a fault of the other end's,
// the end of the caller's own time, or that nobody could be reached, which may be tried again.
func explain(asked, caller context.Context, module string, err error) error {
	s := status.Convert(err)
	if f, ok := received(s); ok {
		return f
	}
	broken := false
	switch s.Code() {
	case codes.OK:
		return nil
	case codes.ResourceExhausted:
		return fault.New(fault.TooLarge, "a question to %s, or its answer, is larger than the %d bytes that are sent at a time", module, maxMessage)
	case codes.DeadlineExceeded, codes.Canceled, codes.Unavailable:
		broken = true
		settle(asked)
	}
	switch {
	case caller.Err() != nil:
		return fmt.Errorf("ask %s: %w", module, caller.Err())
	case asked.Err() != nil:
		return unreachable(module, fmt.Errorf("%w: %s", context.Cause(asked), s.Message()))
	case broken:
		return unreachable(module, errors.New(s.Message()))
	}
	return fmt.Errorf("ask %s: %w", module, err)
}

// settle waits for a deadline that is a moment away: by the other end's clock it may have passed.
func settle(ctx context.Context) {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < 50*time.Millisecond {
		<-ctx.Done()
	}
}

func unreachable(module string, cause error) error {
	return fault.New(fault.Unavailable, "%s cannot be asked at the moment: %w", module, cause).After(time.Second)
}
