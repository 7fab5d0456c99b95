// Package auth tells who is asking and keeps out who may not.
//
// Every operation says who may call it: an operation that says nothing stops the start.
package auth

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
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

// Has reports whether the principal has a role.
func (p Principal) Has(role string) bool { panic("unwritten") }

// May reports whether the principal may see and touch what belongs to owner: the owner and staff may.
func (p Principal) May(owner string) bool { panic("unwritten") }

// From returns who made the request; ok is false for an anonymous one.
func From(ctx context.Context) (p Principal, ok bool) { panic("unwritten") }

// With returns a context in which From finds p.
func With(ctx context.Context, p Principal) context.Context { panic("unwritten") }

// Anyone lets everybody call the operation. A token that is sent must still be good.
func Anyone(o *huma.Operation) { panic("unwritten") }

// SignedIn lets everybody with a good access token call the operation.
func SignedIn(o *huma.Operation) { panic("unwritten") }

// Staff lets staff call the operation.
func Staff(o *huma.Operation) { panic("unwritten") }

// Operator lets operators call the operation.
func Operator(o *huma.Operation) { panic("unwritten") }
