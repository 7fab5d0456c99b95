package auth

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// Access is who may call an operation.
type Access string

// Who may call.
const (
	ByAnyone   Access = "anyone"
	BySignedIn Access = "signed-in"
	ByStaff    Access = "staff"
	ByOperator Access = "operator"
)

// The names of the security schemes in the OpenAPI description.
const (
	bearerScheme  = "bearer"
	sessionScheme = "session"
)

// Anyone lets everybody call the operation. A token that is sent must still be good.
func Anyone(o *huma.Operation) { allow(o, ByAnyone) }

// SignedIn lets everybody with a good access token call the operation.
func SignedIn(o *huma.Operation) { allow(o, BySignedIn) }

// Staff lets staff call the operation.
func Staff(o *huma.Operation) { allow(o, ByStaff) }

// Operator lets operators call the operation.
func Operator(o *huma.Operation) { allow(o, ByOperator) }

func allow(o *huma.Operation, access Access) {
	if o.Metadata == nil {
		o.Metadata = map[string]any{}
	}
	if o.Extensions == nil {
		o.Extensions = map[string]any{}
	}
	o.Metadata["access"] = access
	o.Extensions["x-access"] = access
	o.Security = []map[string][]string{{bearerScheme: {}}, {sessionScheme: {}}}
	if access == ByAnyone {
		o.Security = append([]map[string][]string{{}}, o.Security...)
	}
}

// AccessOf returns who may call an operation; ok is false if it does not say.
func AccessOf(o *huma.Operation) (access Access, ok bool) {
	access, ok = o.Metadata["access"].(Access)
	return access, ok
}

// Schemes describes the ways to sign in.
func Schemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		bearerScheme:  {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token from POST /api/v1/tokens."},
		sessionScheme: {Type: "apiKey", In: "cookie", Name: SessionCookie, Description: "The storefront's session: an access token in a cookie that scripts cannot read."},
	}
}

// Enforce refuses calls of an operation by whom it is not for. Who is calling must have been found out
// by Verifier.Authenticate.
func Enforce(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		access, _ := AccessOf(ctx.Operation())
		if err := Permit(ctx.Context(), access); err != nil {
			_ = huma.WriteErr(api, ctx, http.StatusForbidden, "", err)
			return
		}
		next(ctx)
	}
}

// Permit returns why whoever makes the request may not call what is for access, or nil.
func Permit(ctx context.Context, access Access) error {
	if err := failure(ctx); err != nil && (access != ByAnyone || !err.session) {
		return err.error
	}
	caller, signedIn := From(ctx)
	switch {
	case access == ByAnyone:
		return nil
	case !signedIn:
		return fault.New(fault.Unauthenticated, "sign in first: this needs an access token")
	case access == BySignedIn, access == ByStaff && caller.Has(RoleStaff), access == ByOperator && caller.Has(RoleOperator):
		return nil
	}
	return fault.New(fault.Forbidden, "this is for %s only", access)
}
