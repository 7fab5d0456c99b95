// Package census asks the processes that run what they are, and compares that with the topology they should be in.
package census

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/pangaea-shop/pangaea/platform/topology"
)

// An Instance is what is at an address at which the topology has a process.
type Instance struct {
	Process string `json:"process"`           // by the topology
	Replica int    `json:"replica,omitempty"` // likewise; 0 where one name stands for all
	Address string `json:"address"`
	Error   string `json:"error,omitempty"` // why it could not be asked
	Is      *Info  `json:"is,omitempty"`    // what it says of itself
	Missing string `json:"missing,omitempty"`
}

// An Info is what a process says of itself.
type Info struct {
	Process     string   `json:"process"`
	Replica     int      `json:"replica"`
	Modules     []string `json:"modules"`
	Version     string   `json:"version"`
	Fingerprint string   `json:"fingerprint"`
}

// Take asks at every address of the topology, all at once. Nobody is waited for longer than patience.
func Take(ctx context.Context, t *topology.Topology, patience time.Duration) []Instance {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %s", patience))
	defer cancel()
	processes := t.Processes()
	found := make([][]Instance, len(processes))
	var asking sync.WaitGroup
	for i, p := range processes {
		asking.Go(func() { found[i] = askAll(ctx, meant(ctx, p)) })
	}
	asking.Wait()
	return slices.Concat(found...)
}

func askAll(ctx context.Context, instances []Instance) []Instance {
	var asking sync.WaitGroup
	for i := range instances {
		if instances[i].Error == "" {
			asking.Go(func() { instances[i].ask(ctx) })
		}
	}
	asking.Wait()
	return instances
}

// meant are the instances that the topology has of a process. A name that stands for all replicas is what it is
// resolved to now, at least once.
func meant(ctx context.Context, p *topology.Process) (instances []Instance) {
	if len(p.HTTP) > 1 || p.Replicas == 1 {
		for i, address := range p.HTTP {
			instances = append(instances, Instance{Process: p.Name, Replica: i + 1, Address: topology.Reachable(address)})
		}
		return instances
	}
	host, port, _ := net.SplitHostPort(p.HTTP[0]) // it was read, and is one
	found, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return []Instance{{Process: p.Name, Address: p.HTTP[0], Error: plain(cause(ctx, err))}}
	}
	slices.Sort(found)
	for _, host := range slices.Compact(found) {
		instances = append(instances, Instance{Process: p.Name, Address: net.JoinHostPort(host, port)})
	}
	return instances
}
