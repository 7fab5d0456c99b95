// Command monolith runs the whole shop in one process: by default with nothing but a folder for its
// databases, and events that never leave the process.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/docs/contracts"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/web/storefront"
)

var monolith = fx.Options(
	app.Base,
	bus.FromConfig,
	fx.Provide(contracts.Subscriptions),
	shop.Modules,
	fx.Invoke(openStorefront),
)

// openStorefront puts the pages in front of the API of this process.
func openStorefront(server *httpserver.Server) {
	storefront.New(storefront.Local(server.Handler())).Mount(server.Pages())
}

const usage = `Usage: monolith

Runs the whole shop in one process, until it is interrupted. It takes no arguments: its settings come from
the environment and from the file that PANGAEA_CONFIG names. "pangaea config" shows them all.
`

func main() {
	if len(os.Args) > 1 {
		os.Exit(instead(os.Stdout, os.Stderr, os.Args[1:]))
	}
	app.Run(monolith)
}

// instead of opening a shop for somebody who wanted something else, say what there is, and return the exit code.
func instead(out, wrong io.Writer, args []string) int {
	if slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		fmt.Fprint(out, usage)
		return 0
	}
	fmt.Fprintf(wrong, "pangaea: monolith takes no arguments, and was given %q: monolith --help says more\n", args[0])
	return 1
}
