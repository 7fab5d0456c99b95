// Package idempotency makes a request that is sent twice count once: the claim of its Idempotency-Key,
// its effect and its answer are one transaction.
package idempotency

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
	"github.com/pangaea-shop/pangaea/platform/database"
)

// Keys are the idempotency keys of one module.
type Keys struct{ db *database.DB }

// New returns the keys of db's module.
func New(db *database.DB) *Keys { return &Keys{db: db} }

// Required makes an operation ask for an Idempotency-Key header. The key's scope is the caller, the
// route and the key. The same body again is given the same answer, byte for byte, without running the
// handler; another body is 422 idempotency-key-reused; a request still under way is 409 with Retry-After.
func (k *Keys) Required(o *huma.Operation) { panic("unwritten") }

// An Answer is what a handler of such an operation returns: a response with a body of type T.
type Answer[T any] struct {
	Status   int
	Location string `header:"Location"`
	Body     Body[T]
}

// A Body is a rendered T. It has T's schema.
type Body[T any] struct{ raw []byte }

// Once runs effect as one unit of work of k's database, together with the claim of the request's key,
// and keeps its answer if effect succeeds. effect returns the body and the Location ("" for none).
// An error rolls everything back and leaves the key free.
func Once[T any](ctx context.Context, k *Keys, status int, effect func(ctx context.Context) (T, string, error)) (*Answer[T], error) {
	panic("unwritten")
}
