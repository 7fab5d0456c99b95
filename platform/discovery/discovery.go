// Package discovery tells where the processes that host a module can be reached.
//
// A [Directory] is asked again and again: instances come and go. [Static] is one for addresses that are written
// down, whose hosts may be names that DNS knows several addresses for, as Compose and the headless services of
// Kubernetes have them. Others, such as Consul, are a type with the same method.
package discovery

import (
	"context"
	"fmt"
	"net"
	"slices"

	"github.com/pangaea-shop/pangaea/platform/fault"
)

// A Protocol is how a process is spoken to.
type Protocol string

// The protocols.
const (
	HTTP Protocol = "http"
	GRPC Protocol = "grpc"
)

// A Directory finds processes.
type Directory interface {
	// Lookup returns where the instances of the process that hosts a module can be reached now, host:port each,
	// sorted. A module that nobody is known to host is fault.NotFound.
	Lookup(ctx context.Context, module string, over Protocol) ([]string, error)
}

// Static knows addresses, host:port each, by module and protocol.
type Static map[string]map[Protocol][]string

// Lookup returns the addresses, those whose host is a name as DNS resolves it now.
func (s Static) Lookup(ctx context.Context, module string, over Protocol) ([]string, error) {
	known := s[module][over]
	if len(known) == 0 {
		return nil, fault.New(fault.NotFound, "nobody is known who hosts %s and speaks %s", module, over)
	}
	var found []string
	for _, address := range known {
		resolved, err := resolve(ctx, address)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", module, err)
		}
		found = append(found, resolved...)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func resolve(ctx context.Context, address string) ([]string, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil || net.ParseIP(host) != nil {
		return []string{address}, err
	}
	hosts, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return nil, err
	}
	for i := range hosts {
		hosts[i] = net.JoinHostPort(hosts[i], port)
	}
	return hosts, nil
}
