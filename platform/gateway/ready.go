package gateway

import (
	"context"
	"errors"

	"github.com/pangaea-shop/pangaea/platform/httpserver"
)

// check says that a module is missing. An operator should know; to the requests of all other modules the
// gateway is as good as ever.
func (u *upstream) check(context.Context) error {
	switch {
	case u.any(well):
		return nil
	case u.any(unwell):
		return httpserver.Concern(errors.New("no instance is ready for real work"))
	}
	return httpserver.Concern(errors.New("no instance is there"))
}

// check fails where no module at all can be reached: then it is the gateway that has lost its way.
func (g *Gateway) check(context.Context) error {
	for _, u := range g.upstreams {
		if u.any(well) || u.any(unwell) {
			return nil
		}
	}
	return errors.New("no instance of any module is there")
}
