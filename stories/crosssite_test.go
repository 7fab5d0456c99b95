package stories

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// cookie is what a browser of the visitor sends along, whoever makes it send a request.
func (v visitor) cookie() string { return "pangaea_session=" + v.token }

// browser is the visitor as somebody whom only a cookie tells from others.
func (v visitor) browser() visitor { return visitor{shop: v.shop, id: v.id} }

var (
	forms   = regexp.MustCompile(`(?s)<form[^>]*action="([^"]+)"[^>]*method="post".*?</form>`)
	entries = regexp.MustCompile(`<(?:input|textarea|select)[^>]*name="([^"]+)"`)
)

// forms finds what can be sent from the shop's pages: the entries of each form, by where it goes.
func (v visitor) forms() map[string][]string {
	v.shop.t.Helper()
	found := map[string][]string{}
	order := get[page[order]](v, "/api/v1/orders").Items[0].ID
	fresh := v.place("tok_timeout", "KNOB", 1).ID
	for _, path := range []string{"/", "/products/KNOB", "/basket", "/checkout", "/orders/" + order, "/orders/" + fresh, "/account", "/signin", "/register"} {
		got := v.browser().call(http.MethodGet, path, nil, "Cookie", v.cookie()+"; pangaea_basket=KNOB%3A1")
		require.Equal(v.shop.t, http.StatusOK, got.status, "%s: %s", path, got.body)
		for _, form := range forms.FindAllSubmatch(got.body, -1) {
			names := []string{}
			for _, entry := range entries.FindAllSubmatch(form[0], -1) {
				names = append(names, string(entry[1]))
			}
			found[string(form[1])] = names
		}
	}
	return found
}

// Another site can make a browser send what it likes, with the session's cookie. Nothing comes of it.
func TestOtherSitesCannotActInOnesName(t *testing.T) {
	t.Parallel()
	shop, staff, ada := peopled(t)
	operations := shop.operations()
	world := staff.explores(operations)
	actions := ada.forms()
	require.GreaterOrEqual(t, len(actions), 7, "forms of the storefront: %v", actions)
	watch := shop.witness()
	watch.settles()

	elsewhere := [][]string{
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
		{"Origin", "http://evil." + strings.TrimPrefix(shop.url, "http://")},
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Origin", "http://127.0.0.1:1", "Sec-Fetch-Site", "cross-site"},
	}
	refuse := func(got answer, what string) {
		t.Helper()
		p, complaint := got.problem()
		require.Empty(t, complaint, what)
		require.Equal(t, http.StatusForbidden, got.status, what)
		require.Equal(t, "urn:pangaea:problem:cross-origin", p.Type, what)
		require.Empty(t, got.header.Values("Set-Cookie"), what)
		require.Empty(t, got.header.Get("Access-Control-Allow-Origin"), what)
	}
	for _, from := range elsewhere {
		for _, victim := range []visitor{ada, staff} {
			for _, o := range operations {
				if o.method == http.MethodGet {
					continue
				}
				r := world.request(o, nil)
				for i := 0; i < len(from); i += 2 {
					r.headers[from[i]] = from[i+1]
				}
				r.headers["Cookie"] = victim.cookie()
				for _, kind := range []string{"application/json", "text/plain"} {
					r.headers["Content-Type"] = kind
					refuse(victim.browser().sends(r), o.String())
				}
			}
			for action := range actions {
				got := victim.browser().call(http.MethodPost, action, []byte("a=b"), append(slices.Clip(from),
					"Cookie", victim.cookie(), "Content-Type", "application/x-www-form-urlencoded")...)
				refuse(got, action)
			}
		}
	}
	require.Empty(t, watch.changes())

	// From the shop's own pages the same is as good as with a token, and reading changes nothing from anywhere.
	for _, o := range operations {
		r := world.request(o, nil)
		r.headers["Cookie"] = ada.cookie()
		if o.method == http.MethodGet && o.access != "staff" {
			r.headers["Origin"], r.headers["Sec-Fetch-Site"] = "https://evil.example", "cross-site"
			got := ada.browser().sends(r)
			require.Less(t, got.status, 500, o)
			require.Empty(t, got.header.Get("Access-Control-Allow-Origin"), o)
		}
	}
	require.Empty(t, watch.changes())
	own := []string{"Cookie", ada.cookie(), "Origin", shop.url, "Sec-Fetch-Site", "same-origin"}
	ada.browser().call(http.MethodPost, "/api/v1/orders", basket("tok_approve", "KNOB", 1), own...).expect(t, http.StatusAccepted)
}

// Whatever is written into a form of the storefront, the answer is a page and never our mistake.
func TestFormsTakeAnything(t *testing.T) {
	t.Parallel()
	shop, _, ada := peopled(t)
	sent := 0
	for action, entries := range ada.forms() {
		texts := []string{strings.Repeat("9", 400), strings.Repeat("é", 5000), "\xff\xfe", "nul\x00", "1,2", "KNOB:1"}
		if !slices.Contains(entries, "password") { // which take their time, on purpose
			texts = append(texts, odd...)
		}
		for _, entry := range append(entries, "undreamt_of") {
			for _, text := range texts {
				sent++
				form := url.Values{entry: {text}}
				for _, other := range entries {
					if other != entry {
						form.Set(other, "1")
					}
				}
				got := ada.browser().call(http.MethodPost, action, []byte(form.Encode()), "Cookie", ada.cookie(), "Content-Type", "application/x-www-form-urlencoded")
				require.Less(t, got.status, 500, "%s with %s = %.40q: %s", action, entry, text, got.body)
			}
		}
		for _, raw := range []string{"", "%zz", "a=%00", "=", "&&&&", strings.Repeat("a=1&", 20_000), `{"a":1}`} {
			for _, kind := range []string{"application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "application/json", ""} {
				sent++
				got := ada.browser().call(http.MethodPost, action, []byte(raw), "Cookie", ada.cookie(), "Content-Type", kind)
				require.Less(t, got.status, 500, "%s with %.40q as %s: %s", action, raw, kind, got.body)
			}
		}
	}
	for _, path := range []string{"/?q=%s", "/?category=%s", "/?sort=%s", "/?page_token=%s", "/products/%s", "/art/%s", "/orders/%s", "/signin?next=%s", "/assets/%s", "/docs/%s"} {
		for _, text := range odd {
			sent++
			got := ada.browser().call(http.MethodGet, strings.Replace(path, "%s", url.PathEscape(text), 1), nil, "Cookie", ada.cookie())
			require.Less(t, got.status, 500, "%s with %q: %s", path, text, got.body)
		}
	}
	t.Logf("%d requests", sent)
	require.NotContains(t, shop.out.String(), `"level":"ERROR"`)
}
