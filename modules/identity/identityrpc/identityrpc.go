// Package identityrpc lets processes ask identity that is in another one. Only main packages import it.
package identityrpc

import (
	"context"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/platform/rpc"
)

// Server answers other processes with the identity.Customers and the identity.Keys of this one.
var Server = fx.Options(fx.Invoke(func(s *rpc.Server, customers identity.Customers, keys identity.Keys) {
	RegisterCustomersServer(s, customerAnswers{customers: customers})
	RegisterKeysServer(s, keyAnswers{keys: keys})
}))

// Client provides identity.Customers and identity.Keys: identity lives elsewhere.
var Client = fx.Options(fx.Provide(func(peers *rpc.Peers) (identity.Customers, identity.Keys, error) {
	conn, err := peers.Dial("identity")
	return customerQuestions{NewCustomersClient(conn)}, keyQuestions{NewKeysClient(conn)}, err
}))

// customerAnswers is identity.Customers for the wire.
type customerAnswers struct {
	UnimplementedCustomersServer
	customers identity.Customers
}

// Known answers with what identity says.
func (a customerAnswers) Known(ctx context.Context, question *KnownRequest) (*KnownResponse, error) {
	known, err := a.customers.Known(ctx, question.GetIds())
	return &KnownResponse{Known: known}, err
}

// customerQuestions is identity.Customers from the wire.
type customerQuestions struct{ identity CustomersClient }

// Known asks identity.
func (q customerQuestions) Known(ctx context.Context, ids []string) (map[string]bool, error) {
	answer, err := q.identity.Known(ctx, &KnownRequest{Ids: ids})
	if err != nil {
		return nil, err
	}
	if answer.GetKnown() == nil { // nobody is
		return map[string]bool{}, nil
	}
	return answer.GetKnown(), nil
}

// keyAnswers is identity.Keys for the wire.
type keyAnswers struct {
	UnimplementedKeysServer
	keys identity.Keys
}

// JWKS answers with identity's keys.
func (a keyAnswers) JWKS(ctx context.Context, _ *JWKSRequest) (*JWKSResponse, error) {
	document, err := a.keys.JWKS(ctx)
	return &JWKSResponse{Document: document}, err
}

// keyQuestions is identity.Keys from the wire.
type keyQuestions struct{ identity KeysClient }

// JWKS asks identity.
func (q keyQuestions) JWKS(ctx context.Context) ([]byte, error) {
	answer, err := q.identity.JWKS(ctx, &JWKSRequest{})
	return answer.GetDocument(), err
}
