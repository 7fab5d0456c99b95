// Package identityfx wires the identity module together. Only main packages import it.
package identityfx

import (
	"context"
	"os"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"go.uber.org/fx"

	identitysql "github.com/pangaea-shop/pangaea/migrations/identity"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/account"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/password"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/session"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/signing"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/store"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
	"github.com/pangaea-shop/pangaea/modules/identity/internal/web"
	"github.com/pangaea-shop/pangaea/platform/config"
	"github.com/pangaea-shop/pangaea/platform/module"
)

// Module is all of identity. It answers who is known and which keys tokens are verified with.
var Module = fx.Module("identity",
	module.Parts("identity", identitysql.Files),
	fx.Provide(
		fx.Private,
		config.Section[Settings],
		clock,
		fx.Annotate(password.NewHasher, fx.As(new(account.Passwords))),
		fx.Annotate(store.NewAccounts, fx.As(fx.Self()), fx.As(new(account.Repository)), fx.As(new(session.Accounts))),
		fx.Annotate(store.NewFamilies, fx.As(new(session.Families))),
		fx.Annotate(store.NewTries, fx.As(new(throttle.Tries))),
		fx.Annotate(store.NewKeys, fx.As(new(signing.Keys))),
		fx.Annotate(newSigner, fx.As(fx.Self()), fx.As(new(session.Signer))),
		newGuard,
		account.NewService,
		session.NewService,
		web.NewAccounts,
		web.NewTokens,
		newSessions,
	),
	fx.Provide(
		func(accounts *store.Accounts) identity.Customers { return accounts },
		func(signer *signing.Signer) identity.Keys { return signer },
	),
	fx.Invoke(connect),
)

// connect is the whole list of how the world reaches identity: its routes, and the first staff account.
func connect(
	life fx.Lifecycle, settings Settings, api huma.API,
	accounts *web.Accounts, tokens *web.Tokens, sessions *web.Sessions, service *account.Service,
) {
	accounts.Mount(api)
	tokens.Mount(api)
	sessions.Mount(api)
	life.Append(fx.StartHook(func(ctx context.Context) error { return appoint(ctx, service, settings, os.Stdout) }))
}

func newSigner(keys signing.Keys, settings Settings, now func() time.Time) *signing.Signer {
	return signing.NewSigner(keys, time.Duration(settings.KeyDays)*24*time.Hour, now)
}

func newGuard(tries throttle.Tries, settings Settings, now func() time.Time) *throttle.Guard {
	return throttle.NewGuard(tries, settings.limits(), now)
}

func newSessions(service *session.Service, settings Settings) *web.Sessions {
	return web.NewSessions(service, settings.Cookies == "secure")
}
