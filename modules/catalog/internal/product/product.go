// Package product is what a product is and what may happen to it.
//
//	List ─▶ on sale ─▶ Withdraw ─▶ withdrawn
//	           ▲                       │
//	           └──────── List ─────────┘
package product

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/catalog"
	"github.com/pangaea-shop/pangaea/platform/fault"
)

// State is all there is to know of a product.
type State struct {
	SKU string
	Content
	Withdrawn bool
	Version   int64 // how often it was changed; 0: it is not there yet
	ListedAt  time.Time
}

// An Event is what a product announces.
type Event interface {
	EventName() string
	EventKey() string
}

// A Product guards its State: it changes only through the methods below.
type Product struct {
	state   State
	changed bool
	events  []Event
}

// Restore returns the product that has this state. A state with nothing but a SKU is a product to be listed.
func Restore(s State) *Product { return &Product{state: s} }

// State returns what there is to store and to show.
func (p *Product) State() State { return p.state }

// Changed reports whether anything happened since the product was restored.
func (p *Product) Changed() bool { return p.changed }

// Events returns what happened since the product was restored.
func (p *Product) Events() []Event { return p.events }

// List puts the product on sale. What is on sale already may be listed again with the same content only.
func (p *Product) List(content Content, at time.Time) error {
	content, err := content.cleaned()
	if err != nil {
		return err
	}
	if p.state.Version > 0 && !p.state.Withdrawn {
		if p.state.Content == content {
			return nil
		}
		return fault.New(fault.Conflict, "product %s is on sale with other content: change that one", p.state.SKU).
			WithCode("product-exists")
	}
	p.state.Content, p.state.Withdrawn, p.state.ListedAt = content, false, at
	p.record(catalog.ProductListed{SKU: p.state.SKU, Name: content.Name, Price: catalog.Money(content.Price)})
	return nil
}

// Revise changes what is said of a product that is on sale.
func (p *Product) Revise(r Revision) error {
	if p.state.Withdrawn {
		return fault.New(fault.Conflict, "product %s is withdrawn: list it again", p.state.SKU).WithCode("product-withdrawn")
	}
	content, err := r.applied(p.state.Content).cleaned()
	if err != nil || content == p.state.Content {
		return err
	}
	before := p.state.Price
	p.state.Content, p.changed = content, true
	if content.Price != before {
		p.record(catalog.PriceChanged{SKU: p.state.SKU, Price: catalog.Money(content.Price)})
	}
	return nil
}

// Withdraw takes the product off sale. Doing it twice changes nothing.
func (p *Product) Withdraw() {
	if p.state.Withdrawn {
		return
	}
	p.state.Withdrawn = true
	p.record(catalog.ProductWithdrawn{SKU: p.state.SKU})
}

func (p *Product) record(e Event) {
	p.changed = true
	p.events = append(p.events, e)
}
