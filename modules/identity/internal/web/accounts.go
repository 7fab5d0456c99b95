// Package web is identity's HTTP face.
package web

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/secret"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/platform/audit"
	"github.com/pangaea-shop/pangaea/platform/auth"
	"github.com/pangaea-shop/pangaea/platform/fault"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// Accounts registers, shows and closes accounts.
type Accounts struct {
	service *account.Service
	rows    *store.Accounts
	audit   *audit.Log
}

// NewAccounts returns the routes of accounts.
func NewAccounts(service *account.Service, rows *store.Accounts, audit *audit.Log) *Accounts {
	return &Accounts{service: service, rows: rows, audit: audit}
}

// Mount lists the routes.
func (h *Accounts) Mount(api huma.API) {
	huma.Post(api, "/api/v1/accounts", h.register, auth.Anyone, httpserver.Status(http.StatusCreated),
		httpserver.Summary("Register"),
		httpserver.Describe("An address that has an account already is answered like a new one: nothing changes, its owner is not told, and the id is made up. Staff are given the account's real id."))
	huma.Get(api, "/api/v1/accounts", h.list, auth.Staff, httpserver.Summary("Find accounts"))
	huma.Get(api, "/api/v1/accounts/me", h.me, auth.SignedIn, httpserver.Summary("Your account"))
	huma.Post(api, "/api/v1/accounts/me/password", h.changePassword, auth.SignedIn, httpserver.Status(http.StatusNoContent),
		httpserver.Summary("Change your password"),
		httpserver.Describe("Ends every session of the account. Access tokens that were given out are good until they expire, within ten minutes."))
	huma.Post(api, "/api/v1/accounts/me/close", h.close, auth.SignedIn, httpserver.Status(http.StatusNoContent),
		httpserver.Summary("Close your account"),
		httpserver.Describe("Erases the address, the name and what you were written; orders and payments stay, under an id that says nothing about you."))
}

// An accountView is an account as its owner and staff see it.
type accountView struct {
	ID           string    `json:"id"`
	Email        string    `json:"email"`
	Name         string    `json:"name"`
	Roles        []string  `json:"roles"`
	RegisteredAt time.Time `json:"registered_at"`
}

func view(s account.State) accountView {
	return accountView{ID: s.ID, Email: s.Email, Name: s.Name, Roles: s.Roles, RegisteredAt: s.RegisteredAt}
}

type registerInput struct {
	Body struct {
		Email    string        `json:"email" minLength:"3" maxLength:"254" example:"ada@example.org"`
		Name     string        `json:"name" minLength:"1" maxLength:"200" example:"Ada Lovelace"`
		Password secret.String `json:"password,omitempty" minLength:"8" maxLength:"1024" doc:"Staff may leave it out: nobody can sign in then"`
	}
}

type registerOutput struct {
	Body struct {
		ID string `json:"id" doc:"For an address that is known already: made up, unless staff ask"`
	}
}

func (h *Accounts) register(ctx context.Context, in *registerInput) (*registerOutput, error) {
	register := h.service.SignUp
	if p, ok := auth.From(ctx); ok && p.Has(auth.RoleStaff) {
		register = h.enter
	} else if in.Body.Password == "" {
		return nil, fault.Wrong("password", "is required")
	}
	id, err := register(ctx, in.Body.Email, in.Body.Name, in.Body.Password)
	if err != nil {
		return nil, err
	}
	out := &registerOutput{}
	out.Body.ID = id
	return out, nil
}

// enter registers a customer for staff, who are told whose a known address is: on record.
func (h *Accounts) enter(ctx context.Context, email, name string, password secret.String) (string, error) {
	id, err := h.service.Enter(ctx, email, name, password)
	if err != nil {
		return "", err
	}
	return id, h.audit.Record(ctx, "account.enter", id, id)
}

type listInput struct {
	httpserver.PageRequest
	Email string `query:"email" maxLength:"254" doc:"Only the account with this address"`
}

type listOutput struct {
	Body httpserver.Page[accountView]
}

func (h *Accounts) list(ctx context.Context, in *listInput) (*listOutput, error) {
	if in.Email != "" {
		return h.byEmail(ctx, in)
	}
	after, err := httpserver.After[string](in.PageRequest)
	if err != nil {
		return nil, err
	}
	if err := h.audit.Record(ctx, "account.list", "", ""); err != nil {
		return nil, err
	}
	states, err := h.rows.List(ctx, after, in.PageSize+1)
	if err != nil {
		return nil, err
	}
	return h.page(in, states), nil
}

func (h *Accounts) byEmail(ctx context.Context, in *listInput) (*listOutput, error) {
	email, err := account.NormalEmail(in.Email)
	if err != nil {
		return nil, err
	}
	state, err := h.rows.FindByEmail(ctx, email)
	if fault.Is(err, fault.NotFound) {
		return h.page(in, nil), nil
	}
	if err != nil {
		return nil, err
	}
	if err := h.audit.Record(ctx, "account.read", state.ID, state.ID); err != nil {
		return nil, err
	}
	return h.page(in, []account.State{state}), nil
}

func (h *Accounts) page(in *listInput, states []account.State) *listOutput {
	views := make([]accountView, len(states))
	for i, s := range states {
		views[i] = view(s)
	}
	return &listOutput{Body: httpserver.NewPage(in.PageRequest, views, func(last accountView) string { return last.ID })}
}

type accountOutput struct{ Body accountView }

func (h *Accounts) me(ctx context.Context, _ *struct{}) (*accountOutput, error) {
	p, _ := auth.From(ctx)
	state, err := h.service.Find(ctx, p.Subject)
	if err != nil {
		return nil, err
	}
	return &accountOutput{Body: view(state)}, nil
}

type changePasswordInput struct {
	from
	Body struct {
		Password    secret.String `json:"password" minLength:"1" maxLength:"1024" doc:"The present one"`
		NewPassword secret.String `json:"new_password" minLength:"8" maxLength:"1024"`
	}
}

func (h *Accounts) changePassword(ctx context.Context, in *changePasswordInput) (*struct{}, error) {
	p, _ := auth.From(ctx)
	return nil, h.service.ChangePassword(ctx, p.Subject, in.address, in.Body.Password, in.Body.NewPassword)
}

type closeInput struct {
	from
	Body struct {
		Password secret.String `json:"password" minLength:"1" maxLength:"1024"`
	}
}

func (h *Accounts) close(ctx context.Context, in *closeInput) (*struct{}, error) {
	p, _ := auth.From(ctx)
	return nil, h.service.Close(ctx, p.Subject, in.address, in.Body.Password)
}
