// Package idempotency makes a request that is sent twice count once: the claim of its Idempotency-Key,
// its effect and its answer are one transaction.
//
// An operation asks for a key with [Keys.Required] and does its work in [Once]:
//
//	huma.Post(api, "/api/v1/orders", h.place, auth.SignedIn, h.keys.Required, …)
//
//	func (h *Orders) place(ctx context.Context, in *placeInput) (*idempotency.Answer[order], error) {
//		prices, err := h.prices.Quote(ctx, …) // what others must be asked comes before
//		…
//		return idempotency.Once(ctx, h.keys, http.StatusAccepted, func(ctx context.Context) (order, string, error) {
//			placed, err := h.orders.Place(ctx, …)
//			return placed, "/api/v1/orders/" + placed.ID, err
//		})
//	}
//
// A process that dies after the commit and before the answer has nothing to repair: the answer is in the
// database and the client, who repeats the request, gets it.
package idempotency

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Header carries the key of a request. Replayed marks an answer that was given before.
const (
	Header   = "Idempotency-Key"
	Replayed = "Idempotent-Replayed"
)

// Keys are the idempotency keys of one module.
type Keys struct {
	db       *database.DB
	inFlight sync.Map // scopes of the requests under way in this process
	purge    purge
}

// New returns the keys of db's module.
func New(db *database.DB) *Keys { return &Keys{db: db} }

// Required makes an operation ask for an Idempotency-Key header. The key's scope is the caller, the
// route and the key. The same body again is given the same answer, byte for byte, without running the
// handler; another body is 422 idempotency-key-reused; a request still under way is 409 with Retry-After.
func (k *Keys) Required(o *huma.Operation) {
	shortest, longest := 1, maxKey
	o.Parameters = append(o.Parameters, &huma.Param{
		Name: Header, In: "header", Required: true,
		Description: "Names what you want to happen, once: a fresh value for it, and the same value if you send it again.",
		Schema:      &huma.Schema{Type: huma.TypeString, MinLength: &shortest, MaxLength: &longest, Pattern: "^[!-~]+$"},
	})
	o.Errors = append(o.Errors, http.StatusBadRequest, http.StatusConflict, http.StatusUnprocessableEntity)
	o.Middlewares = append(o.Middlewares, k.guard)
}

// A request is one call of such an operation.
type request struct {
	scope       string // whose key, where
	fingerprint string // what it asks for
}

type requestKey struct{}

// guard lets the first request with a key through, and answers the others.
func (k *Keys) guard(ctx huma.Context, next func(huma.Context)) {
	r, err := read(ctx)
	if err != nil {
		refuse(ctx, err)
		return
	}
	if _, busy := k.inFlight.LoadOrStore(r.scope, true); busy {
		refuse(ctx, errInFlight())
		return
	}
	defer k.inFlight.Delete(r.scope)

	before, known, err := k.find(ctx.Context(), r.scope)
	switch {
	case err != nil:
		refuse(ctx, err)
	case !known:
		next(huma.WithValue(ctx, requestKey{}, r))
	case before.Fingerprint != r.fingerprint:
		refuse(ctx, errReused())
	default:
		before.replay(ctx)
	}
}

// read takes a request's key and contents.
func read(ctx huma.Context) (*request, error) {
	key := ctx.Header(Header)
	if err := check(key); err != nil {
		return nil, err
	}
	caller, _ := auth.From(ctx.Context())
	address := ctx.URL()
	return &request{
		scope:       digest(caller.Subject, ctx.Operation().Method, ctx.Operation().Path, key),
		fingerprint: digest(address.EscapedPath(), address.RawQuery, string(httpserver.RawBody(ctx.Context()))),
	}, nil
}

const maxKey = 255

func check(key string) error {
	if key == "" {
		return &fault.Error{
			Kind: fault.Malformed, Code: "idempotency-key-required",
			Message: "send an " + Header + " header: a fresh value, and the same one if you repeat the request",
			Fields:  []fault.Field{{Name: Header, Message: "is missing"}},
		}
	}
	if len(key) > maxKey {
		return fault.Wrong(Header, "has more than %d characters", maxKey)
	}
	for _, c := range []byte(key) {
		if c < '!' || c > '~' {
			return fault.Wrong(Header, "has characters other than visible ASCII")
		}
	}
	return nil
}

// digest is the same for the same parts only.
func digest(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		length := sha256.Sum256([]byte(part)) // of fixed size: no part can pose as two
		h.Write(length[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func errReused() error {
	return fault.Wrong(Header, "was used for another request: use a fresh key for this one").WithCode("idempotency-key-reused")
}

func errInFlight() error {
	return fault.New(fault.Conflict, "the same request is still under way: send it again in a moment").
		WithCode("request-in-flight").After(time.Second)
}

func refuse(ctx huma.Context, err error) {
	c := humagin.Unwrap(ctx)
	httpserver.Refuse(c.Writer, c.Request, err)
}
