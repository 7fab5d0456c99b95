// Package fault gives errors a kind, so that whoever meets one knows what to do about it without
// knowing where it came from: the HTTP face turns a kind into a status, a worker into retry or not.
//
// An error has its kind where the cause is known, and keeps it while it is wrapped. An error without a
// kind is Internal: its text is for the log and never for a client.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of thing went wrong.
type Kind uint8

// The kinds, and the HTTP status each stands for.
const (
	Internal        Kind = iota // 500: our bug, or something nobody foresaw
	Malformed                   // 400: cannot be parsed
	Invalid                     // 422: parsed, and wrong
	Unauthenticated             // 401: who is asking?
	Forbidden                   // 403: known, and not allowed
	NotFound                    // 404: not there, or somebody else's
	Conflict                    // 409: not in the state it is in now
	TooLarge                    // 413: more than we take
	TooMany                     // 429: too often; see RetryAfter
	Unavailable                 // 503: not done, may be tried again; see RetryAfter
	Unknown                     // 503: nobody knows whether it was done; repeat it with the same key
)

// An Error is a failure with a kind. Its message is written for the person who asked.
type Error struct {
	Kind       Kind
	Code       string         // stable name for programs, such as "already-dispatched"; empty: named after the kind
	Message    string         // what is wrong and what to do, lower case, no full stop
	Fields     []Field        // which parts of the input are wrong
	Details    map[string]any // further members of the answer
	RetryAfter time.Duration  // when to try again; zero: not said
	cause      error
}

// A Field is a part of the input that is wrong.
type Field struct {
	Name    string `json:"field"` // path from the body's root, such as "items[0].quantity", or a header or parameter
	Message string `json:"message"`
}

// New returns an error of a kind. A %w in the format keeps the cause.
func New(kind Kind, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Message: wrapped.Error(), cause: errors.Unwrap(wrapped)}
}

// Wrong returns an Invalid error about one field of the input.
func Wrong(field, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	return &Error{Kind: Invalid, Message: field + " " + message, Fields: []Field{{Name: field, Message: message}}}
}

// WithCode names the error for programs.
func (e *Error) WithCode(code string) *Error { e.Code = code; return e }

// WithDetail adds a member to the answer.
func (e *Error) WithDetail(name string, value any) *Error {
	if e.Details == nil {
		e.Details = map[string]any{}
	}
	e.Details[name] = value
	return e
}

// After says when it makes sense to try again.
func (e *Error) After(d time.Duration) *Error { e.RetryAfter = d; return e }

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns what caused the error, if that is known.
func (e *Error) Unwrap() error { return e.cause }

// As returns the first Error in err's chain.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Is reports whether err has the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// KindOf returns the kind of err: Internal where nothing else is known.
func KindOf(err error) Kind {
	if e, ok := As(err); ok {
		return e.Kind
	}
	return Internal
}
