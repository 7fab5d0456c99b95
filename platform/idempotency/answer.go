package idempotency

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"gorm.io/gorm"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// An Answer is what a handler of such an operation returns: a response with a body of type T.
type Answer[T any] struct {
	Status   int
	Location string `header:"Location" doc:"Where what was made can be seen"`
	Body     Body[T]
}

// A Body is a rendered T. It has T's schema.
type Body[T any] struct{ raw []byte }

// MarshalJSON returns the body as it was rendered the first time.
func (b Body[T]) MarshalJSON() ([]byte, error) { return b.raw, nil }

// UnmarshalJSON takes a body as it comes: for those who read answers.
func (b *Body[T]) UnmarshalJSON(raw []byte) error {
	b.raw = bytes.Clone(raw)
	return nil
}

// Value parses the body.
func (b Body[T]) Value() (value T, err error) { return value, json.Unmarshal(b.raw, &value) }

// Schema is T's.
func (Body[T]) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(reflect.TypeFor[T](), true, "Answer")
}

// Once runs effect as one unit of work of k's database, together with the claim of the request's key,
// and keeps its answer if effect succeeds. effect returns the body and the Location ("" for none).
// An error rolls everything back and leaves the key free.
func Once[T any](ctx context.Context, k *Keys, status int, effect func(ctx context.Context) (T, string, error)) (*Answer[T], error) {
	r, ok := ctx.Value(requestKey{}).(*request)
	if !ok {
		return nil, fault.New(fault.Internal, "idempotency.Once in an operation that is not Required to have a key")
	}
	answer := &Answer[T]{Status: status}
	err := k.db.Do(ctx, func(ctx context.Context, tx *gorm.DB) error {
		body, location, err := effect(ctx)
		if err != nil {
			return err
		}
		raw, err := render(body)
		if err != nil {
			return err
		}
		answer.Location, answer.Body.raw = location, raw
		return tx.Create(&row{ // the claim: of two processes one gets it
			Scope: r.scope, Fingerprint: r.fingerprint, Status: status, Location: location, Answer: raw,
			CreatedAt: time.Now().UnixMicro(),
		}).Error
	})
	if err != nil {
		return nil, k.overtaken(ctx, r, err)
	}
	return answer, nil
}

// overtaken is what a request is told that failed: why, unless another process has answered one with this
// key meanwhile. Then that is why, whatever it failed with: at the claim, or at something that the other's
// effect had changed.
func (k *Keys) overtaken(ctx context.Context, r *request, failed error) error {
	before, known, err := k.find(ctx, r.scope)
	switch {
	case err != nil || !known:
		return failed
	case before.Fingerprint != r.fingerprint:
		return errReused()
	}
	return errInFlight()
}

// render writes a body as the server would.
func render(body any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
