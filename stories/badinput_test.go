package stories

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the shop's own description forbids is refused by name, as a problem, and before anything is written.
// Every operation is tried with everything that can be wrong with it, found from the description alone.
func TestForbiddenInputIsRefused(t *testing.T) {
	t.Parallel()
	shop, staff, _ := peopled(t)
	operations := shop.operations()
	world := staff.explores(operations)
	watch := shop.witness()
	watch.settles()

	tried := 0
	for _, o := range operations {
		forbidden := world.forbidden(o)
		require.NotEmpty(t, forbidden, "%s is not tried", o)
		for _, a := range some(forbidden) {
			tried++
			got := staff.sends(a.request)
			if complaint := a.refusal(got); complaint != "" {
				t.Errorf("%s\n%s\n%d %.2000s", a, complaint, got.status, got.body)
			}
			if changed := watch.changes(); changed != nil {
				t.Errorf("%s\n%d wrote to %v", a, got.status, changed)
			}
		}
	}
	t.Logf("%d operations refused %d requests", len(operations), tried)
	require.NotContains(t, shop.out.String(), `"level":"ERROR"`)
}

// What the description allows is never our mistake, however unusual it is, and if a rule refuses it then
// as a problem and before anything is written.
func TestAllowedInputIsUnderstood(t *testing.T) {
	t.Parallel()
	shop, staff, ada := peopled(t)
	operations := shop.operations()
	slices.SortStableFunc(operations, func(a, b operation) int { // what is deleted is not there for the others
		return strings.Compare(strconv.FormatBool(a.method == http.MethodDelete), strconv.FormatBool(b.method == http.MethodDelete))
	})
	world := staff.explores(operations)
	maps.Copy(world.things, ada.explores(operations).things)
	victim := shop.customer("victim")
	world.values["password"] = "a password for victim"
	world.values["email"] = get[struct{ Email string }](victim, "/api/v1/accounts/me").Email
	callers := map[string][]visitor{"anyone": {shop.nobody()}, "signed-in": {ada, staff}, "staff": {staff}, "operator": {staff}}

	taken, refused := map[string]bool{}, []call(nil)
	for _, o := range operations {
		by := callers[o.access]
		if o.access == "signed-in" && o.body() != nil && o.body().Value.Properties["password"] != nil {
			by = []visitor{victim}
		}
		for _, a := range some(world.allowed(o)) {
			for _, v := range by {
				c := call{a, v}
				if c.send(t).status >= 300 {
					refused = append(refused, c)
					continue
				}
				taken[o.String()] = true
				if c.unknown {
					t.Errorf("%s is taken, though it names what is not there", c)
				}
				break
			}
		}
	}
	watch := shop.witness()
	watch.settles()
	for _, c := range refused {
		const chances = 3 // something else may be due at the same moment
		var changed []string
		for range chances {
			got := c.send(t)
			changed = slices.DeleteFunc(watch.changes(), func(table string) bool {
				tried := strings.HasSuffix(table, ".audit_log") || got.status == http.StatusUnauthorized // that is on record
				return tried || got.status < 300                                                         // by now there is what it asks for
			})
			if len(changed) == 0 {
				break
			}
			watch.settles()
		}
		if len(changed) > 0 {
			t.Errorf("%s is refused and writes to %v", c, changed)
		}
	}
	t.Logf("%d operations of %d took some, %d requests were refused by a rule", len(taken), len(operations), len(refused))
	require.NotContains(t, shop.out.String(), `"level":"ERROR"`)
	shop.isSound()
}

// some are all attempts, or a third of them under the race detector, which is after something else and slow.
func some(all []attempt) (some []attempt) {
	if !raceEnabled {
		return all
	}
	for i := 0; i < len(all); i += 3 {
		some = append(some, all[i])
	}
	return some
}

// A call is an attempt by somebody.
type call struct {
	attempt
	by visitor
}

// send makes the call, whose answer has to be good whatever it says.
func (c call) send(t *testing.T) answer {
	t.Helper()
	got := c.by.sends(c.clone())
	if complaint := c.understood(got); complaint != "" {
		t.Errorf("%s\n%s\n%d %.2000s", c, complaint, got.status, got.body)
	}
	return got
}

// peopled opens a shop in which a customer has done a bit of everything, and which is patient: once it
// has come to rest nothing happens in it by itself.
func peopled(t *testing.T) (s *shop, staff, ada visitor) {
	t.Helper()
	s = open(t, "PANGAEA_CHECKOUT_DEADLINE=10m", "PANGAEA_PROVIDER_TIMEOUT=10m",
		"PANGAEA_SIGN_IN_TRIES=0", "PANGAEA_SIGN_IN_TRIES_PER_NETWORK=0")
	staff, ada = s.staff(), s.customer("ada")
	ada.lives(staff)
	return s, staff, ada
}

// understood says what is wrong with the answer to an attempt that the description allows.
func (a attempt) understood(got answer) string {
	if complaint := a.fits(got); complaint != "" {
		return "not as described: " + complaint
	}
	if got.status < 300 {
		return ""
	}
	p, complaint := got.problem()
	switch {
	case complaint != "":
		return complaint
	case got.status >= 500:
		return "our mistake"
	case got.status != http.StatusBadRequest && got.status != http.StatusUnprocessableEntity:
		return ""
	case len(p.Errors) == 0 || p.Errors[0].Field == "":
		return "names no field"
	}
	return ""
}

// refusal says what is wrong with the answer to an attempt that the description forbids.
func (a attempt) refusal(got answer) string {
	if !slices.Contains(a.statuses, got.status) {
		return "not refused as it should be"
	}
	p, complaint := got.problem()
	if complaint != "" {
		return complaint
	}
	if complaint := a.fits(got); complaint != "" {
		return "not as described: " + complaint
	}
	if len(a.fields) == 0 {
		return ""
	}
	for _, wrong := range p.Errors {
		if slices.Contains(a.fields, wrong.Field) {
			return ""
		}
	}
	return fmt.Sprintf("names %v, which is not %s", p.Errors, strings.Join(a.fields, " or "))
}

// problem reads an answer that has to be a problem document.
func (a answer) problem() (p problem, complaint string) {
	switch err := json.Unmarshal(a.body, &p); {
	case a.header.Get("Content-Type") != "application/problem+json":
		return p, "not a problem but " + a.header.Get("Content-Type")
	case err != nil:
		return p, err.Error()
	case !strings.HasPrefix(p.Type, "urn:pangaea:problem:") || p.Status != a.status:
		return p, "a problem of no stable type, or of another status"
	case p.RequestID == "" || p.RequestID != a.header.Get("X-Request-Id"):
		return p, "a problem that does not say which request it is about"
	}
	return p, ""
}

// lives makes a customer do a bit of everything, so that there is something to ask for.
func (v visitor) lives(staff visitor) {
	v.shop.t.Helper()
	staff.sells("KNOB", 150, 1000)
	for _, card := range []string{"tok_approve", "tok_refund_fail"} {
		placed := v.place(card, "KNOB", 3)
		delivered := v.becomes(placed.ID, "delivered")
		for range 2 {
			asked := post[goodsReturn](v, "/api/v1/orders/"+placed.ID+"/returns", map[string]any{
				"items":  []map[string]any{{"line_id": delivered.Lines[0].LineID, "quantity": 1}},
				"reason": "one too many",
			}, http.StatusCreated)
			if card == "tok_refund_fail" {
				staff.call(http.MethodPost, "/api/v1/returns/"+asked.ID+"/accept", nil).expect(v.shop.t, http.StatusOK)
			}
		}
	}
}
