package stories

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// A browser is a headless Chromium at the shop's door.
type browser struct {
	context.Context
	shop    *shop
	mu      sync.Mutex
	foreign []string // requests that left the shop
}

type action = chromedp.Action[chromedp.Void]

// browse opens a browser; ok is false where there is none, which CI does not forgive.
func (s *shop) browse(prepare ...action) (b *browser, ok bool) {
	s.t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		require.Empty(s.t, os.Getenv("CI"), "CI has to have a Chromium")
		s.t.Log("not tested: there is no Chromium here; install one and run make test-browser")
		return nil, false
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
	)
	allocated, freeAll := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, free := chromedp.NewContext(allocated)
	s.t.Cleanup(func() { free(); freeAll() })
	b = &browser{Context: ctx, shop: s}
	require.NoError(s.t, chromedp.Listen(ctx, func(event any) {
		sent, ok := event.(*network.EventRequestWillBeSent)
		if ok && !strings.HasPrefix(sent.Request.URL, s.url) && !strings.HasPrefix(sent.Request.URL, "data:") {
			b.mu.Lock()
			b.foreign = append(b.foreign, sent.Request.URL)
			b.mu.Unlock()
		}
	}))
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(s.t, err)
	b.do(append([]action{chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile)}, prepare...)...) // a phone
	return b, true
}

// withoutScripts makes pages run none.
func withoutScripts(ctx context.Context, tab *chromedp.Target) (chromedp.Void, error) {
	_, err := cdp.Call(ctx, tab, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return chromedp.Void{}, err
}

func (b *browser) do(actions ...action) {
	b.shop.t.Helper()
	ctx, cancel := context.WithTimeout(b, patience)
	defer cancel()
	require.NoError(b.shop.t, chromedp.Do(ctx, actions...))
}

// at expects the page's path and that nothing sticks out of a phone's screen.
func (b *browser) at(path string) {
	b.shop.t.Helper()
	var where string
	eventually(b.shop.t, func() bool {
		now, err := chromedp.Run(b, chromedp.Location())
		where = now
		parsed, parseErr := url.Parse(where)
		return err == nil && parseErr == nil && strings.HasPrefix(parsed.Path, path)
	}, "the browser is not at %s but at %s", path, &where)
	var width int
	eventually(b.shop.t, func() bool { // once the page has its style sheet
		now, err := chromedp.Run(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		width = now
		return err == nil && width <= 390
	}, "%s is wider than a phone: %d", where, &width)
	b.keep(path)
}

// keep saves a picture of the page in the folder PANGAEA_SCREENSHOTS, if there is one.
func (b *browser) keep(path string) {
	b.shop.t.Helper()
	folder := os.Getenv("PANGAEA_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := chromedp.Run(b, chromedp.FullScreenshot(90))
	require.NoError(b.shop.t, err)
	name := strings.ReplaceAll(strings.Trim(path, "/"), "/", "-") + ".jpg"
	require.NoError(b.shop.t, os.WriteFile(filepath.Join(folder, name), picture, 0o600))
}

// reads waits until the page says something.
func (b *browser) reads(text string) {
	b.shop.t.Helper()
	var page string
	eventually(b.shop.t, func() bool {
		now, err := chromedp.Run(b, chromedp.Text(chromedp.CSS("body")))
		page = now
		return err == nil && strings.Contains(page, text)
	}, "the page does not say %q: %s", text, &page)
}

// buys walks from the shelf to the order's page, as somebody new.
func (b *browser) buys(name string) {
	b.shop.t.Helper()
	b.do(chromedp.Navigate(b.shop.url+"/?q=kettle"), chromedp.Click(chromedp.CSS(`.card a`)))
	b.at("/products/KETTLE")
	b.do(chromedp.SetValue(chromedp.CSS(`#quantity`), "2"), chromedp.Submit(chromedp.CSS(`.buy`)))
	b.at("/basket")
	b.reads("£70.00")
	b.do(chromedp.Click(chromedp.CSS(`a[href="/checkout"]`)))
	b.at("/signin")
	b.do(chromedp.Click(chromedp.CSS(`main a[href^="/register"]`)))
	b.at("/register")
	b.do(
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), name),
		chromedp.SendKeys(chromedp.CSS(`input[name=email]`), name+"@browsers.example"),
		// The last key is Enter: a form needs no mouse.
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), "a password for "+name+"\r"),
	)
	b.at("/checkout")
	b.do(
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), name),
		chromedp.SendKeys(chromedp.CSS(`input[name=line1]`), "12 St James's Square"),
		chromedp.SendKeys(chromedp.CSS(`input[name=city]`), "London"),
		chromedp.SendKeys(chromedp.CSS(`input[name=postal_code]`), "SW1Y 4JH"),
		chromedp.Click(chromedp.CSS(`aside button`)),
	)
	b.at("/orders/")
}

func TestBrowserWalksThroughTheShop(t *testing.T) {
	t.Parallel()
	shop := open(t, "PANGAEA_CARRIER_DISPATCH_AFTER=1s", "PANGAEA_CARRIER_DELIVER_AFTER=1s")
	shop.staff().sells("KETTLE", 3500, 10)

	t.Run("and watches an order arrive without touching anything", func(t *testing.T) {
		b, ok := shop.in(t).browse()
		if !ok {
			return
		}
		b.buys("grace")
		b.reads("Send something back")
		b.do(chromedp.WaitReady(chromedp.CSS(`#status[data-ended]`))) // it will not change any more
		b.keep("/orders/delivered")
		b.do(
			chromedp.Click(chromedp.CSS(`summary`)),
			chromedp.SetValue(chromedp.CSS(`details input[type=number]`), "1"),
			chromedp.SendKeys(chromedp.CSS(`details input[name=reason]`), "one is enough"),
			chromedp.Submit(chromedp.CSS(`details form`)),
		)
		b.reads("one is enough")
		b.do(chromedp.Navigate(shop.url + "/orders"))
		b.reads("Delivered")
		b.keep("/orders")
		b.do(chromedp.Navigate(shop.url + "/account"))
		b.reads("What we told you")
		b.at("/account")
		require.Empty(t, b.foreign, "nothing comes from a foreign host")
	})

	t.Run("and needs no script", func(t *testing.T) {
		b, ok := shop.in(t).browse(withoutScripts)
		if !ok {
			return
		}
		b.buys("ida")
		b.reads("Send something back")
		require.Empty(t, b.foreign, "nothing comes from a foreign host")
	})
}
