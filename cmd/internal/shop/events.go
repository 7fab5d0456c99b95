package shop

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/modules/identity"
	"github.com/pangaea-shop/pangaea/modules/inventory"
	"github.com/pangaea-shop/pangaea/modules/ordering"
	"github.com/pangaea-shop/pangaea/modules/payments"
	"github.com/pangaea-shop/pangaea/modules/shipping"
	"github.com/pangaea-shop/pangaea/platform/contract"
	"github.com/pangaea-shop/pangaea/platform/envelope"
)

// events are all that modules announce, in every version that is still read.
var events = []envelope.Named{
	identity.AccountRegistered{},
	identity.AccountClosed{},

	catalog.ProductListed{},
	catalog.PriceChanged{},
	catalog.ProductWithdrawn{},

	inventory.StockReserved{},
	inventory.StockRejected{},
	inventory.StockReleased{},
	inventory.StockLevelChanged{},

	ordering.OrderPlaced{},
	ordering.OrderReserved{},
	ordering.OrderConfirmed{},
	ordering.OrderPaid{},
	ordering.CancellationRequested{},
	ordering.CancellationRefused{},
	ordering.OrderCancelled{},
	ordering.OrderCompleted{},
	ordering.ReturnAccepted{},

	payments.PaymentAuthorized{},
	payments.PaymentDeclined{},
	payments.PaymentCaptured{},
	payments.PaymentCaptureFailed{},
	payments.PaymentVoided{},
	payments.PaymentRefunded{},
	payments.PaymentRefundFailed{},

	shipping.ShipmentDispatched{},
	shipping.ShipmentDelivered{},
	shipping.ShipmentCancelled{},
}

// describe says what events carry, and what their source says about them. It misses those that a contract
// has and the list has not.
func describe(events []envelope.Named) ([]contract.Schema, error) {
	source, err := contractSource()
	if err != nil {
		return nil, err
	}
	missing, list := source.Events, make([]contract.Schema, len(events))
	for i, event := range events {
		t := reflect.TypeOf(event)
		missing = slices.DeleteFunc(missing, func(name string) bool { return name == t.PkgPath()+"."+t.Name() })
		list[i] = contract.Of(event, source)
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("events that are missing in cmd/internal/shop/events.go: %s", strings.Join(missing, ", "))
	}
	return list, nil
}
