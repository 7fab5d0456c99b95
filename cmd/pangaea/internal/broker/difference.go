package broker

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq"
)

// missing is what is wanted and not there, or there in another way. What cannot be changed once it is there is an error.
func missing(has, wanted rabbitmq.Definitions) (todo rabbitmq.Definitions, err error) {
	todo = rabbitmq.Definitions{
		VirtualHosts: without(wanted.VirtualHosts, has.VirtualHosts),
		Users:        without(wanted.Users, has.Users),
		Grants:       without(wanted.Grants, has.Grants),
		Bindings:     without(wanted.Bindings, has.Bindings),
		Exchanges:    without(wanted.Exchanges, has.Exchanges),
		Queues:       without(wanted.Queues, has.Queues),
	}
	for _, e := range todo.Exchanges {
		if slices.ContainsFunc(has.Exchanges, func(x rabbitmq.Exchange) bool { return x.VirtualHost == e.VirtualHost && x.Name == e.Name }) {
			return todo, fmt.Errorf("the exchange %s in %s is there, and not as the shop has it: delete it, or give another --name", e.Name, e.VirtualHost)
		}
	}
	for _, q := range todo.Queues {
		if slices.ContainsFunc(has.Queues, func(x rabbitmq.Queue) bool { return x.VirtualHost == q.VirtualHost && x.Name == q.Name }) {
			return todo, fmt.Errorf("the queue %s in %s is there, and not as the shop has it: have it heard until it is empty and delete it, or give another --name", q.Name, q.VirtualHost)
		}
	}
	return todo, nil
}

// without are those of wanted that are not in has, just so.
func without[T any](wanted, has []T) (missing []T) {
	for _, w := range wanted {
		if !slices.ContainsFunc(has, func(h T) bool { return same(w, h) }) {
			missing = append(missing, w)
		}
	}
	return missing
}

// same reports whether two are one and the same in JSON, which does not tell kinds of numbers apart.
func same(a, b any) bool { return reflect.DeepEqual(plain(a), plain(b)) }

func plain(v any) (plain any) {
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err != nil {
		panic(fmt.Sprintf("what came as JSON is none: %v", err))
	}
	return plain
}

// beside are rights that the modules' users were given beside what is wanted.
func beside(has, wanted rabbitmq.Definitions, members []*member) (astray rabbitmq.Definitions) {
	ours := func(user string) bool {
		return slices.ContainsFunc(members, func(m *member) bool { return m.user == user })
	}
	home := wanted.VirtualHosts[0].Name
	for _, g := range has.Grants {
		if ours(g.User) && g.VirtualHost != home {
			astray.Grants = append(astray.Grants, g)
		}
	}
	for _, g := range has.TopicGrants {
		if ours(g.User) {
			astray.TopicGrants = append(astray.TopicGrants, g)
		}
	}
	return astray
}

// others is what is in the shop's virtual host and not the shop's. It is said and left alone.
func others(has, wanted rabbitmq.Definitions, home string) (lines []string) {
	for _, g := range has.Grants {
		if _, ours := userOf(wanted, g.User); g.VirtualHost == home && !ours {
			lines = append(lines, fmt.Sprintf("user %s: configure %q, write %q, read %q", g.User, g.Configure, g.Write, g.Read))
		}
	}
	for _, e := range has.Exchanges {
		if e.VirtualHost == home && !slices.ContainsFunc(wanted.Exchanges, func(x rabbitmq.Exchange) bool { return x.Name == e.Name }) {
			lines = append(lines, "exchange "+e.Name)
		}
	}
	for _, q := range has.Queues {
		if q.VirtualHost == home && !slices.ContainsFunc(wanted.Queues, func(x rabbitmq.Queue) bool { return x.Name == q.Name }) {
			lines = append(lines, "queue "+q.Name)
		}
	}
	for _, b := range without(has.Bindings, wanted.Bindings) {
		if b.VirtualHost == home {
			lines = append(lines, fmt.Sprintf("binding of %s %s to exchange %s by %q", b.Kind, b.Queue, b.Exchange, b.Key))
		}
	}
	return lines
}

func empty(d rabbitmq.Definitions) bool { return same(d, rabbitmq.Definitions{}) }
