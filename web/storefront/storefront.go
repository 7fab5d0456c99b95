// Package storefront is the shop as a customer sees it: pages rendered here, over the public API alone.
//
// It works without a script, by keyboard and on a small screen. A script only keeps the page of an order
// up to date while it is looked at. Nothing comes from a foreign host.
package storefront

import (
	"embed"
	"io/fs"
	"net/http"

	"github.com/gin-gonic/gin"
)

//go:embed assets templates
var files embed.FS

// A Storefront answers with pages.
type Storefront struct {
	api http.RoundTripper
}

// New returns a storefront over the API that api reaches: Local in the process that has the API, a
// client of the gateway elsewhere.
func New(api http.RoundTripper) *Storefront { return &Storefront{api: api} }

// Mount lists the pages.
func (s *Storefront) Mount(routes gin.IRouter) {
	routes.GET("/", s.page(browse))
	routes.GET("/products/:sku", s.page(showProduct))
	routes.GET("/art/:sku", drawProduct)
	assets, _ := fs.Sub(files, "assets") // the folder is embedded
	routes.StaticFS("/assets", http.FS(assets))

	routes.GET("/basket", s.page(showBasket))
	routes.POST("/basket", s.page(changeBasket))
	routes.GET("/checkout", s.page(signedIn(showCheckout)))
	routes.POST("/checkout", s.page(signedIn(checkOut)))

	routes.GET("/orders", s.page(signedIn(listOrders)))
	routes.GET("/orders/:id", s.page(signedIn(showOrder)))
	routes.POST("/orders/:id/cancel", s.page(signedIn(cancelOrder)))
	routes.POST("/orders/:id/returns", s.page(signedIn(returnGoods)))

	routes.GET("/signin", s.page(showSignIn))
	routes.POST("/signin", s.page(signIn))
	routes.GET("/register", s.page(showRegister))
	routes.POST("/register", s.page(register))
	routes.POST("/signout", s.page(signOut))
	routes.GET("/account", s.page(signedIn(showAccount)))
	routes.POST("/account/close", s.page(signedIn(closeAccount)))
}

// page makes a handler of a function that answers one visit.
func (s *Storefront) page(show func(*visit) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		v, err := s.visit(c)
		if err == nil {
			err = show(v)
		}
		if err != nil {
			v.fail(err)
		}
	}
}

// signedIn sends whoever has not signed in to do so, and back afterwards.
func signedIn(show func(*visit) error) func(*visit) error {
	return func(v *visit) error {
		if v.token != "" {
			return show(v)
		}
		v.askToSignIn()
		return nil
	}
}
