package httpserver

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// huma has its settings as variables of the package. They are set here, once, before anything runs.
func init() {
	huma.NewError = func(status int, message string, errs ...error) huma.StatusError {
		return problemOf(context.Background(), status, message, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, message string, errs ...error) huma.StatusError {
		p := problemOf(ctx.Context(), status, message, errs)
		for name, values := range p.header {
			ctx.SetHeader(name, values[0])
		}
		return p
	}
	huma.ValidateStrictCasing = true  // "UserID" is not "user_id"
	huma.DefaultArrayNullable = false // null is not an empty list
}

// problemOf tells an error of huma's, or one that a handler returned.
func problemOf(ctx context.Context, status int, message string, errs []error) *Problem {
	if len(errs) == 1 {
		if f, ok := fault.As(errs[0]); ok {
			return problemOfFault(ctx, f, errs[0])
		}
	}
	if status >= http.StatusInternalServerError {
		return unexpected(ctx, errors.Join(append(errs, errors.New(message))...))
	}
	p := newProblem(status, codeOf(status), message)
	for _, err := range errs {
		p.Errors = append(p.Errors, fieldsOf(err)...)
	}
	slices.SortStableFunc(p.Errors, func(a, b fault.Field) int { return strings.Compare(a.Name, b.Name) })
	if len(p.Errors) > 0 {
		p.Detail = strings.TrimSpace(p.Errors[0].Name + ": " + p.Errors[0].Message)
	}
	return p
}

// problemOfFault tells a fault, or says nothing of it where it is ours alone.
func problemOfFault(ctx context.Context, f *fault.Error, err error) *Problem {
	if f.Kind == fault.Internal {
		return unexpected(ctx, err)
	}
	kind := kinds[f.Kind]
	code := f.Code
	if code == "" {
		code = kind.code
	}
	p := newProblem(kind.status, code, f.Message)
	p.Errors, p.Details = f.Fields, f.Details
	if f.RetryAfter > 0 {
		p.header.Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
	if kind.status == http.StatusUnauthorized {
		p.header.Set("WWW-Authenticate", "Bearer")
	}
	if kind.status >= http.StatusInternalServerError {
		slog.WarnContext(ctx, "request could not be answered", "error", err)
		if f.Unwrap() != nil { // it tells of what is behind us
			p.Detail = outcomes[f.Kind]
		}
	}
	return p
}

// outcomes are what a client may know of a failure that has a cause of ours.
var outcomes = map[fault.Kind]string{
	fault.Unavailable: "this cannot be done at the moment and was not done: try it again",
	fault.Unknown:     "nobody knows whether this was done: send it again, with the same Idempotency-Key",
}

// unexpected logs an error nobody foresaw and tells the client as much as it may know.
func unexpected(ctx context.Context, err error) *Problem {
	if ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded) {
		slog.DebugContext(ctx, "request was given up", "error", err)
		p := newProblem(http.StatusServiceUnavailable, "unavailable", "the request took too long or was given up")
		p.header.Set("Retry-After", "1")
		return p
	}
	slog.ErrorContext(ctx, "request failed", "error", err)
	return newProblem(http.StatusInternalServerError, "internal", internalDetail)
}

func codeOf(status int) string {
	for _, kind := range kinds {
		if kind.status == status && status < http.StatusInternalServerError {
			return kind.code
		}
	}
	return strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "-")
}

// fieldsOf names the parts of the input that an error is about, as the client knows them.
func fieldsOf(err error) []fault.Field {
	if f, ok := fault.As(err); ok {
		if len(f.Fields) > 0 {
			return f.Fields
		}
		return []fault.Field{{Message: f.Message}}
	}
	var detailer huma.ErrorDetailer
	if !errors.As(err, &detailer) {
		return []fault.Field{{Message: err.Error()}}
	}
	detail := detailer.ErrorDetail()
	name := plainName(detail.Location)
	if missing, ok := strings.CutPrefix(detail.Message, "expected required property "); ok {
		missing, _, _ = strings.Cut(missing, " ")
		return []fault.Field{{Name: strings.TrimPrefix(name+"."+missing, "."), Message: "is required"}}
	}
	if field, message, ok := wrongType(detail.Message); ok {
		return []fault.Field{{Name: field, Message: message}}
	}
	return []fault.Field{{Name: name, Message: detail.Message}}
}

// plainName takes huma's word for where a field is off its name.
func plainName(location string) string {
	for _, place := range []string{"body", "query", "header", "path", "cookie", "form"} {
		if rest, ok := strings.CutPrefix(location, place); ok && (rest == "" || rest[0] == '.' || rest[0] == '[') {
			return strings.TrimPrefix(rest, ".")
		}
	}
	return location
}

// Refuse answers a request outside huma's reach with err as a problem.
func Refuse(w http.ResponseWriter, r *http.Request, err error) {
	var p *Problem
	if errors.As(err, &p) {
		answer(w, r, p)
		return
	}
	answer(w, r, problemOf(r.Context(), http.StatusInternalServerError, "unexpected error", []error{err}))
}

const internalDetail = "something went wrong on our side; the request id helps us to find out what"
