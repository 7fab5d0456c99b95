// Package bus joins modules by events, over Watermill.
package bus

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/components/cqrs"
)

// On makes handle the handler of its event. The handler runs inside a unit of work of its module's
// database together with the inbox record: it may run again, its effect counts once.
func On[E any](handle func(ctx context.Context, event *E) error) cqrs.GroupEventHandler {
	return cqrs.NewGroupEventHandler(handle)
}

// Events are one module's ears.
type Events struct{}

// Listen subscribes the module to events. It is called once, with all handlers of the module.
func (e *Events) Listen(handlers ...cqrs.GroupEventHandler) error { panic("unwritten") }
