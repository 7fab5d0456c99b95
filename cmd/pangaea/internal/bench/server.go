package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// A server is a running process that takes orders.
type server struct {
	*process
	place place
	open  func(context.Context) (token string, err error) // lets a customer in

	catalog string // the URL of the process that has the products, if there are several
}

// What the servers count. The reference uses the product's names.
const (
	confirmedOrders = "pangaea_ordering_reached_seconds_count"
	confirmedLabel  = `status="confirmed"`
	unitsOfWork     = "pangaea_database_group_size_sum"
	commits         = "pangaea_database_group_size_count"
)

// A moment is how far a server had come at a time.
type moment struct {
	at                                  time.Time
	accepted, confirmed, units, commits float64
	cpu, databaseCPU, brokerCPU         time.Duration
}

func (s *server) look(ctx context.Context, accepted *atomic.Int64) (moment, error) {
	m, err := s.metrics(ctx)
	return moment{
		at: time.Now(), accepted: float64(accepted.Load()), confirmed: m.sum(confirmedOrders, confirmedLabel),
		units: m.sum(unitsOfWork, ""), commits: m.sum(commits, ""), cpu: s.cpu(),
	}, err
}

// lookAtAll also looks at the database server, which takes a connection.
func (s *server) lookAtAll(ctx context.Context, accepted *atomic.Int64) (moment, error) {
	m, err := s.look(ctx, accepted)
	if s.place.server != nil && err == nil {
		m.databaseCPU, err = s.place.server.cpu(ctx, s.place.name)
	}
	if s.place.broker != nil {
		m.brokerCPU = s.place.broker.cpu()
	}
	return m, err
}

// finish waits until every order since start is confirmed, or none has been for a while, and returns the moment of the
// last one.
func (s *server) finish(ctx context.Context, accepted *atomic.Int64, start moment) (last moment, err error) {
	for last = start; ctx.Err() == nil; pause(ctx, calm/4) {
		m, err := s.look(ctx, accepted)
		switch {
		case err != nil:
			return m, err
		case m.confirmed > last.confirmed:
			last = m
		case m.at.Sub(last.at) > 5*calm:
			return last, nil
		}
		if m.confirmed-start.confirmed >= m.accepted-start.accepted {
			return last, nil
		}
	}
	return last, ctx.Err()
}

// rates are what happened between two moments.
func (m moment) rates(before moment) load {
	seconds := m.at.Sub(before.at).Seconds()
	return load{Accepted: (m.accepted - before.accepted) / seconds, Confirmed: (m.confirmed - before.confirmed) / seconds}
}

// costs notes what each checkout took, from the first order to the last word about the last one.
func (m moment) costs(before moment, into *load) {
	orders := m.accepted - before.accepted
	into.Lost = orders - (m.confirmed - before.confirmed)
	if orders == 0 {
		return
	}
	into.CPU, into.DatabaseCPU = time.Duration(float64(m.cpu-before.cpu)/orders), time.Duration(float64(m.databaseCPU-before.databaseCPU)/orders)
	into.BrokerCPU = time.Duration(float64(m.brokerCPU-before.brokerCPU) / orders)
	into.Units, into.Commits = (m.units-before.units)/orders, (m.commits-before.commits)/orders
}

const (
	calm        = 2 * time.Second // longer than anything waits that is done by and by
	mostPatient = 3 * time.Minute
)

// quiet waits until nothing has been written for a while: the next measurement begins with no work left
// over.
func (s *server) quiet(ctx context.Context) error {
	since, last := time.Now(), -1.0
	for began := since; time.Since(since) < calm; {
		m, err := s.metrics(ctx)
		if err != nil {
			return err
		}
		if units := m.sum(unitsOfWork, ""); units != last {
			since, last = time.Now(), units
		}
		if time.Since(began) > mostPatient {
			return errors.New("the backlog does not get smaller")
		}
		pause(ctx, calm/6) // not often: some of the metrics are questions to the databases
	}
	return ctx.Err()
}

// checkouts asks when the orders were confirmed, and returns, sorted, how long after they were sent.
func (s *server) checkouts(ctx context.Context, token string, sent *sync.Map) (took []time.Duration, err error) {
	sent.Range(func(id, began any) bool {
		var shown struct {
			History []struct {
				Status string
				At     time.Time
			}
		}
		err = get(ctx, http.DefaultClient, fmt.Sprint(s.url, "/api/v1/orders/", id), token, &shown)
		if err != nil {
			return false
		}
		for _, entry := range shown.History {
			if entry.Status == "confirmed" {
				took = append(took, entry.At.Sub(began.(time.Time)))
				return true
			}
		}
		err = fmt.Errorf("order %s was acknowledged and is not confirmed", id)
		return false
	})
	slices.Sort(took)
	return took, err
}
