package app

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pangaea-shop/pangaea/platform/discovery"
	"github.com/pangaea-shop/pangaea/platform/module"
	"github.com/pangaea-shop/pangaea/platform/topology"
)

// neighbours tells where other processes are. One that stands alone knows of none.
func neighbours(place topology.Place) discovery.Directory {
	if place.Topology == nil {
		return discovery.Static{}
	}
	return place.Topology.Directory()
}

// atHome makes sure that this process is the one that the topology means, and tells Prometheus which it is.
func atHome(place topology.Place, roll *module.Roll, registry *prometheus.Registry) error {
	var modules []string
	for _, member := range roll.Members() {
		if !strings.Contains(member.Name, "-") { // a companion goes with its module
			modules = append(modules, member.Name)
		}
	}
	slices.Sort(modules)
	if p := place.Process; p != nil {
		meant := slices.Sorted(slices.Values(p.Modules))
		if !slices.Equal(modules, meant) {
			return fmt.Errorf("%s says that %s hosts %s, and this program hosts %s: run the one that is for it",
				place.Topology.Path, p.Name, listed(meant), listed(modules))
		}
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: topology.Info, Help: "What this process is: 1.",
		ConstLabels: prometheus.Labels{
			topology.InfoProcess: place.Name(), topology.InfoReplica: strconv.Itoa(max(place.Replica, 1)), topology.InfoModules: strings.Join(modules, ","),
			topology.InfoVersion: version(), topology.InfoFingerprint: fingerprint(place),
		},
	})
	info.Set(1)
	return registry.Register(info)
}

// version is the program's, as the compiler wrote it down.
func version() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		return build.Main.Version
	}
	return ""
}

func fingerprint(place topology.Place) string {
	if place.Topology == nil {
		return ""
	}
	return place.Topology.Fingerprint()
}

func listed(modules []string) string {
	if len(modules) == 0 {
		return "no module"
	}
	return strings.Join(modules, ", ")
}
