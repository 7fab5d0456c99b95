// Package auth tells who is asking and keeps out who may not.
//
// Every operation says who may call it: an operation that says nothing stops the start.
package auth

import (
	"context"
	"slices"
)

// A Principal is whoever a request is made by.
type Principal struct {
	Subject string // the account's id
	Roles   []string
	Scopes  []string
}

// The roles.
const (
	RoleCustomer = "customer"
	RoleStaff    = "staff"
	RoleOperator = "operator"
)

// ScopeImport is the scope of tokens for importing and replaying: no rate limit holds them up.
const ScopeImport = "import"

// Has reports whether the principal has a role.
func (p Principal) Has(role string) bool { return slices.Contains(p.Roles, role) }

// HasScope reports whether the principal's token was given a scope.
func (p Principal) HasScope(scope string) bool { return slices.Contains(p.Scopes, scope) }

// May reports whether the principal may see and touch what belongs to owner: the owner and staff may.
func (p Principal) May(owner string) bool {
	return p.Has(RoleStaff) || p.Subject != "" && p.Subject == owner
}

// From returns who made the request; ok is false for an anonymous one.
func From(ctx context.Context) (p Principal, ok bool) {
	c, ok := ctx.Value(callerKey{}).(caller)
	return c.Principal, ok
}

// With returns a context in which From finds p.
func With(ctx context.Context, p Principal) context.Context {
	return context.WithValue(ctx, callerKey{}, caller{Principal: p})
}

// Token returns the access token that says who made the request, for whoever has to verify it again; empty
// for an anonymous request, and for one whose caller was given by With.
func Token(ctx context.Context) string {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c.token
}

// A caller is who made a request, and the token that proves it.
type caller struct {
	Principal
	token string
}

type callerKey struct{}

// anonymous returns a context in which From finds nobody.
func anonymous(ctx context.Context) context.Context { return context.WithValue(ctx, callerKey{}, nil) }
