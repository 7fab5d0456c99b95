package stories

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// Who may do what, for every operation that the shop's description has.
func TestAccess(t *testing.T) {
	t.Parallel()
	c := atTheCounter(t)
	t.Run("nobody reaches what is not theirs", func(t *testing.T) { c.in(t).deniesOthers(t) })
	t.Run("nor by naming it in a list or a form", func(t *testing.T) { c.in(t).deniesNames(t) })
	t.Run("claims in headers count for nothing", func(t *testing.T) { c.in(t).deniesClaims(t) })
	t.Run("addresses have no back doors", func(t *testing.T) { c.in(t).deniesSpellings(t) })
	t.Run("who may is let in, and staff leave a record", func(t *testing.T) { c.in(t).letsIn(t) })
}

// A counter is a shop at which several people stand, each of them with something of their own.
type counter struct {
	*shop
	operations      []operation
	nobody          visitor
	ada, bob, staff visitor
	adas, bobs      world
	watch           *witness
}

func atTheCounter(t *testing.T) counter {
	t.Helper()
	shop, staff, ada := peopled(t)
	c := counter{shop: shop, operations: shop.operations(), nobody: shop.nobody(), ada: ada, bob: shop.customer("bob"), staff: staff}
	c.adas = staff.explores(c.operations) // nobody else has anything yet
	maps.Copy(c.adas.things, ada.explores(c.operations).things)
	c.adas.values["customer_id"] = ada.id
	c.bob.becomes(c.bob.place("tok_approve", "KNOB", 2).ID, "delivered")
	c.bobs = c.bob.explores(c.operations)
	return c
}

// in is the same counter for a part of the test, with somebody who watches it from there on.
func (c counter) in(t *testing.T) counter {
	t.Helper()
	c.shop, c.nobody, c.ada, c.bob, c.staff = c.shop.in(t), c.nobody.in(t), c.ada.in(t), c.bob.in(t), c.staff.in(t)
	c.watch = c.witness()
	c.watch.settles()
	return c
}

// deniesOthers calls every operation as everybody for what is somebody else's, missing and malformed: what
// somebody may not see is not there, for all that the answer tells.
func (c counter) deniesOthers(t *testing.T) {
	denied := 0
	deny := func(by visitor, r request, whose string, statuses ...int) answer {
		t.Helper()
		denied++
		got := by.sends(r)
		p, complaint := got.problem()
		if !slices.Contains(statuses, got.status) || complaint != "" {
			t.Errorf("%s for %s: %d and not %v %s\n%s", r, whose, got.status, statuses, complaint, got.body)
		}
		if changed := c.watch.changes(); changed != nil {
			t.Errorf("%s for %s: %d wrote to %v", r, whose, got.status, changed)
		}
		got.body = []byte(fmt.Sprintf("%s %s %v", p.Type, p.Detail, p.Errors))
		return got
	}
	for _, o := range c.operations {
		adas := c.adas.request(o, nil)
		for whose, r := range map[string]request{"ada's": adas, "something missing": c.adas.without().request(o, nil)} {
			if o.access != "anyone" {
				deny(c.nobody, r, whose, http.StatusUnauthorized)
			}
			deny(visitor{shop: c.shop, token: "a.b.c"}, r, whose, http.StatusUnauthorized)
			if o.access == "staff" || o.access == "operator" {
				deny(c.bob, r, whose, http.StatusForbidden)
			}
		}
		if o.access != "signed-in" || len(adas.segments) == 0 {
			continue
		}
		missing := deny(c.bob, c.adas.without().request(o, nil), "something missing", http.StatusNotFound)
		others := deny(c.bob, adas, "ada's", http.StatusNotFound)
		require.Equal(t, string(missing.body), string(others.body), "%s tells that ada's is there", o)
		for _, malformed := range []string{"0", "null", "-1", "'", "%25", "*", uuid.Nil.String(), strings.ToUpper(uuid.NewString()) + "0"} {
			r := adas.clone()
			r.segments["id"] = malformed
			got := deny(c.bob, r, "something malformed", http.StatusNotFound)
			require.Equal(t, string(missing.body), string(got.body), o)
		}
	}
	t.Logf("%d operations, %d calls denied", len(c.operations), denied)
}

// letsIn calls every operation as who may: what staff do to somebody else's things is on record.
func (c counter) letsIn(t *testing.T) {
	for _, o := range c.operations {
		if o.access == "anyone" || strings.HasSuffix(o.path, "/close") {
			continue
		}
		r := c.adas.request(o, nil)
		about := len(r.segments) > 0 && r.segments["sku"] == ""
		for _, p := range o.Parameters {
			if p.Value.In == openapi3.ParameterInQuery && strings.HasSuffix(p.Value.Name, "_id") && o.access == "signed-in" {
				r.query.Set(p.Value.Name, c.adas.values[p.Value.Name])
				about = true
			}
		}
		got := c.staff.sends(r)
		require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, got.status, "%s by staff: %s", o, got.body)
		recorded := slices.ContainsFunc(c.watch.changes(), func(table string) bool { return strings.HasSuffix(table, ".audit_log") })
		if about && got.status < 300 {
			require.True(t, recorded, "%s by staff leaves no record", o)
		}
		if r.query.Del("customer_id"); o.access == "signed-in" {
			got = c.ada.sends(r.clone())
			require.NotContains(t, []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, got.status, "%s by ada: %s", o, got.body)
		}
	}
}

// deniesNames asks lists and forms for somebody else's things: the answer is as if there were none.
func (c counter) deniesNames(t *testing.T) {
	for _, o := range c.operations {
		if o.access != "signed-in" {
			continue
		}
		for _, p := range o.Parameters {
			name := p.Value.Name
			if p.Value.In != openapi3.ParameterInQuery || !strings.HasSuffix(name, "_id") {
				continue
			}
			require.NotEmpty(t, c.adas.values[name])
			for _, id := range []string{c.adas.values[name], uuid.NewString(), "null", "0", "*", "%"} {
				r := c.bobs.request(o, nil)
				r.query.Set(name, id)
				got := c.bob.sends(r)
				require.True(t, got.hasNothing(), "%s?%s=%s: %d %s", o, name, id, got.status, got.body)
			}
		}
		for _, p := range places(o.body(), nil) {
			name, _ := append([]any{""}, p.path...)[len(p.path)].(string)
			if !strings.HasSuffix(name, "_id") {
				continue
			}
			require.NotEmpty(t, c.adas.values[name], "%s in %s", name, o)
			bobs := c.bobs.request(o, func(place string) bool { return leads(place, nameOf(p.path)) })
			others := c.bob.sends(bobs.with(p.path, `"`+c.adas.values[name]+`"`).request)
			missing := c.bob.sends(bobs.with(p.path, `"`+uuid.NewString()+`"`).request)
			require.GreaterOrEqual(t, others.status, 400, "%s with ada's %s: %s", o, nameOf(p.path), others.body)
			require.Equal(t, missing.status, others.status, "%s with ada's %s: %s", o, nameOf(p.path), others.body)
		}
	}
	require.Empty(t, c.watch.changes())
}

// hasNothing reports whether an answer gives nothing away: it is refused, or an empty list.
func (a answer) hasNothing() bool {
	var list page[json.RawMessage]
	switch a.status {
	case http.StatusNotFound, http.StatusUnprocessableEntity:
		return true
	case http.StatusOK:
		return json.Unmarshal(a.body, &list) == nil && list.Items != nil && len(list.Items) == 0
	}
	return false
}

// without is a world in which everything has gone that has an id.
func (w world) without() world {
	gone := world{things: map[string]string{}, values: maps.Clone(w.values)}
	for kind := range w.things {
		gone.things[kind] = uuid.Must(uuid.NewV7()).String()
	}
	return gone
}
