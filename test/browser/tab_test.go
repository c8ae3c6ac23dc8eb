package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// manner is how somebody uses the browser.
type manner struct {
	language string // Accept-Language
	width    int64  // CSS pixels; 320 is a phone
	noScript bool
	keyboard bool // Tab and Enter instead of the mouse
	dark     bool
	forced   bool // forced colours, as Windows' high contrast
}

func (m manner) name() string { return fmt.Sprintf("%s-%d", m.language, m.width) }

// height of the window: an old phone's, and a laptop's.
func (m manner) height() int64 {
	if m.width < 600 {
		return 568
	}
	return 800
}

// tab is a browser tab, watched from its first request to the end of the test.
type tab struct {
	t   *testing.T
	ctx context.Context
	manner
	*sandbox
	watch  *watch
	engine cdp.ScriptID // axe, as the tab's process compiled it
}

// newTab opens a tab in a browser of its own: no cookies, nothing cached.
func newTab(t *testing.T, s *sandbox, m manner, origins ...string) *tab {
	t.Helper()
	return openTab(t, s, m, lab.browser, origins, chromedp.WithNewBrowserContext())
}

// another opens another tab of the same browser.
func (b *tab) another() *tab {
	b.t.Helper()
	return openTab(b.t, b.sandbox, b.manner, b.ctx, nil)
}

func openTab(t *testing.T, s *sandbox, m manner, parent context.Context, origins []string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	w := newWatch(append(origins, s.issuer, s.service)...)
	ctx, cancel := chromedp.NewContext(parent, append(options, chromedp.WithListener(w.see))...)
	b := &tab{t: t, ctx: ctx, manner: m, sandbox: s, watch: w}
	t.Cleanup(func() {
		for _, trouble := range w.takeTroubles() {
			t.Errorf("the tab saw: %s", trouble)
		}
		cancel()
	})
	// The tab lives as long as the context of its first action: no deadline here.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("opening a tab: %v", err)
	}
	var media []*emulation.MediaFeature
	if m.dark {
		media = append(media, &emulation.MediaFeature{Name: "prefers-color-scheme", Value: "dark"})
	}
	if m.forced {
		media = append(media, &emulation.MediaFeature{Name: "forced-colors", Value: "active"})
	}
	phone := func(p *emulation.SetDeviceMetricsOverrideParams, _ *emulation.SetTouchEmulationEnabledParams) {
		p.Mobile = m.width < 600
	}
	b.do(
		chromedp.EmulateViewport(m.width, m.height(), phone),
		command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": m.language}}),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: media}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: m.noScript}),
	)
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("driving the browser at %s: %v", b.path(), err)
	}
}

// ask evaluates an expression in the page.
func ask[T any](b *tab, expression string) T {
	b.t.Helper()
	value, err := attempt[T](b, expression)
	if err != nil {
		b.t.Fatalf("asking the page at %s: %v\n%.200s", b.path(), err, expression)
	}
	return value
}

// attempt is ask for a page that may be about to go.
func attempt[T any](b *tab, expression string) (T, error) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	var value T
	answer, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{
		Expression: expression, ReturnByValue: new(true), AwaitPromise: new(true),
	})
	switch {
	case err != nil:
	case answer.ExceptionDetails != nil:
		err = fmt.Errorf("%s %s", answer.ExceptionDetails.Text, answer.ExceptionDetails.Exception.Description)
	default:
		err = json.Unmarshal(answer.Result.Value, &value)
	}
	return value, err
}

// path is where the tab is, without the login's id.
func (b *tab) path() string {
	p, _ := b.watch.now()
	u, err := url.Parse(p.address)
	if err != nil {
		return p.address
	}
	return u.Path
}

// arrive does something and waits until that has brought the tab to a page, which
// has loaded. The page is a path of Cl@ve in which * stands for an id, or a whole
// address without query.
func (b *tab) arrive(page string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	before := b.place()
	b.do(steps...)
	b.await(page, before.visits)
}

// await waits until the tab is at a page after so many visits; "" is any page.
func (b *tab) await(page string, visits int) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		p, changed := b.watch.now()
		if p.visits > visits && p.loaded && b.isAt(p.address, page) {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			b.photograph("lost", "waiting")
			b.t.Fatalf("waited in vain for %s; the tab is at %s", page, b.path())
		}
	}
}

func (b *tab) isAt(address, page string) bool {
	if page == "" {
		return true
	}
	if strings.HasPrefix(page, "/") {
		page = b.issuer + page
	}
	address, _, _ = strings.Cut(address, "?")
	same, err := path.Match(page, address)
	if err != nil {
		b.t.Fatalf("matching %s: %v", page, err)
	}
	return same
}

// open types an address.
func (b *tab) open(address string) {
	b.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.issuer + address
	}
	before := b.place()
	b.do(command(pageNavigate, navigateParams{URL: address}))
	b.await("", before.visits)
}

// reload shows the page anew, as the browser's button does.
func (b *tab) reload() {
	b.t.Helper()
	before := b.place()
	b.do(command(pageReload, reloadParams{}))
	b.await("", before.visits)
}

// press presses a key, or types a text, wherever the focus is. Unlike chromedp's
// own it says raw key downs, as keyboards do: when a page acts on one, the browser
// swallows the character that follows, which else would reach what has the focus
// then.
func press(keys string, modifiers ...chromedp.Modifier) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		for _, r := range keys {
			for _, e := range kb.Encode(r) {
				if e.Type == kb.KeyDown {
					e.Type = kb.KeyRawDown
				}
				for _, m := range modifiers {
					e.Modifiers |= int64(m)
				}
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *e); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// click presses the mouse in the middle of an element, once it is on the screen
// and nothing lies over it.
func (b *tab) click(selector string) chromedp.Action[chromedp.Void] {
	b.t.Helper()
	x, y := b.target(selector)
	return chromedp.MouseClickXY(x, y)
}

func (b *tab) target(selector string) (x, y float64) {
	b.t.Helper()
	spot := ask[struct {
		X, Y  float64
		Error string
	}](b, "("+targetScript+")("+quote(selector)+")")
	if spot.Error != "" {
		b.photograph("lost", "clicking")
		b.t.Fatalf("clicking %s at %s: %s", selector, b.path(), spot.Error)
	}
	return spot.X, spot.Y
}

// activate gives the way to press a button or to follow a link.
func (b *tab) activate(selector string) chromedp.Action[chromedp.Void] {
	b.t.Helper()
	if !b.keyboard {
		return b.click(selector)
	}
	b.tabTo(selector)
	return press(kb.Enter)
}

// fill types into a field.
func (b *tab) fill(selector, text string) {
	b.t.Helper()
	if b.keyboard {
		b.tabTo(selector) // which selects what is in it
	} else {
		b.do(b.click(selector))
		ask[bool](b, "(document.activeElement.select(), true)") // what is typed replaces what was there
	}
	b.do(press(text))
}

// tabTo presses Tab until an element has the focus.
func (b *tab) tabTo(selector string) {
	b.t.Helper()
	const most = 120
	for range most {
		b.do(press(kb.Tab))
		if ask[bool](b, "document.activeElement.matches("+quote(selector)+")") {
			return
		}
	}
	b.photograph("lost", "tabbing")
	b.t.Fatalf("%s at %s is not reached by Tab", selector, b.path())
}
