package bench

import (
	"os"
	"path/filepath"
	"regexp"

	"github.com/pangaea-shop/pangaea/platform/loopback"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// A stand is where a contestant can be found: at addresses that are free now.
type stand struct {
	address string   // that clients use
	doors   []string // the URLs of all processes, if there are several
	catalog string   // that of the one that has the products
}

// given is an address that a topology gives to a process of this machine.
var given = regexp.MustCompile(`127\.0\.0\.1:([0-9]{4}|\$\{[A-Z_]+:-[0-9]{4}\})`)

// settle finds free addresses, and writes the topology with them if there is one.
func (c *contestant) settle() (at stand, err error) {
	if c.topology == "" {
		at.address, err = loopback.Address()
		return at, err
	}
	text := given.ReplaceAllStringFunc(c.topology, func(string) string {
		address, failed := loopback.Address()
		err = first(err, failed)
		return address
	})
	if err := first(err, os.WriteFile(c.layout(), []byte(text), 0o600)); err != nil {
		return at, err
	}
	t, err := topology.Read(c.layout())
	if err != nil {
		return at, err
	}
	for _, p := range t.Processes() {
		if p.Edge {
			at.address = p.At(1)
		}
		for replica := range p.Replicas {
			at.doors = append(at.doors, "http://"+p.At(replica+1))
		}
	}
	at.catalog = "http://" + t.Host("catalog").At(1)
	return at, nil
}

// layout is the file with the topology.
func (c *contestant) layout() string { return filepath.Join(c.place.dir, "topology.yaml") }
