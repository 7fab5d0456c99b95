package gateway

import "github.com/prometheus/client_golang/prometheus"

// metrics are what happens between the gateway and the modules.
type metrics struct {
	requests  *prometheus.CounterVec
	failures  *prometheus.CounterVec
	retries   *prometheus.CounterVec
	ejections *prometheus.CounterVec
	waiting   *prometheus.GaugeVec
	instances *prometheus.GaugeVec
}

func newMetrics(registry prometheus.Registerer) *metrics {
	byModule := []string{"module"}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append(byModule, labels...))
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, append(byModule, labels...))
	}
	m := &metrics{
		requests:  counter("gateway_upstream_requests_total", "Requests sent to instances of a module, repetitions included."),
		failures:  counter("gateway_upstream_failures_total", "Requests that a module did not answer well: why is status, connection, timeout, absent, crowded or open.", "why"),
		retries:   counter("gateway_upstream_retries_total", "Requests that were sent again."),
		ejections: counter("gateway_upstream_ejections_total", "Instances of a module that were found to be gone."),
		waiting:   gauge("gateway_waiting_requests", "Requests that wait for an instance of a module."),
		instances: gauge("gateway_instances", "Known instances of a module by how they are: well, unwell, draining or down.", "state"),
	}
	registry.MustRegister(m.requests, m.failures, m.retries, m.ejections, m.waiting, m.instances)
	return m
}
