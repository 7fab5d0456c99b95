package bustest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pangaea-shop/pangaea/platform/bus"
	"github.com/pangaea-shop/pangaea/platform/database"
	"github.com/pangaea-shop/pangaea/platform/database/databasetest"
)

// Instances proves that a module which runs twice hears each event once, and those of a key in order: the carrier gives
// what is for the module now to one of them and now to the other, and the inbox sees to it.
func Instances(t *testing.T, carrier Carrier) {
	l := newLab(t, Parts{Carrier: carrier})
	source, one := l.module("source"), l.module("one").hears(nil)
	two := one.again()
	one.start()
	two.listen()
	source.start()

	source.changes(keys(20), 20)

	one.heard(upTo(keys(20), 20))
	source.rests()
	one.stopListening() // and has counted all
	two.stopListening()
	first, second := one.measured("pangaea_inbox_applied_total"), two.measured("pangaea_inbox_applied_total")
	require.Positive(l, first)
	require.Positive(l, second)
	require.EqualValues(l, 400, first+second)
	require.Empty(l, one.letters(""))
}

// again is another process of a module that writes down what it hears, before that is started: on a server with
// connections of its own.
func (m *module) again() *module {
	if databasetest.Dialect() == database.SQLite {
		other := *m
		return &other
	}
	other := m.lab.module(m.name)
	other.handlers = []Handler{bus.On(other.writeDown)}
	return other
}
