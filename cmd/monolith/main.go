// Command monolith runs the whole shop in one process: by default with nothing but a folder for its
// databases, and events that never leave the process. Told its place in a topology, it hosts the modules
// that are grouped there.
package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/cmd/internal/service"
	"github.com/pangaea-shop/pangaea/cmd/internal/shop"
	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/httpserver"
	"github.com/pangaea-shop/pangaea/web/storefront"
)

var monolith = fx.Options(service.Base, shop.Modules, fx.Invoke(openStorefront))

// process is the monolith, or what a topology has this process be.
func process() fx.Option {
	_, place, err := app.Load()
	if err != nil {
		return fx.Error(err)
	}
	modules, err := shop.At(place)
	switch {
	case err != nil:
		return fx.Error(err)
	case place.Edge():
		return fx.Options(service.Base, modules, fx.Invoke(openStorefront))
	}
	return fx.Options(service.Base, modules)
}

// openStorefront puts the pages in front of the API of this process.
func openStorefront(server *httpserver.Server) {
	storefront.New(storefront.Local(server.Handler())).Mount(server.Pages())
}

const usage = `Usage: monolith

Runs the whole shop in one process, until it is interrupted. It takes no arguments: its settings come from
the environment and from the file that PANGAEA_CONFIG names. "pangaea config" shows them all. Where
PANGAEA_TOPOLOGY and PANGAEA_PROCESS name its place among others, it hosts the modules that are there.

"monolith ready" asks the one that runs with the same settings whether it is ready: exit code 0, or 1.
`

func main() {
	if len(os.Args) > 1 && !app.AskedIfReady() {
		os.Exit(instead(os.Stdout, os.Stderr, os.Args[1:]))
	}
	app.Run(process())
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
