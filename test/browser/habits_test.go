package browser

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// What people do with browsers, and pages rarely expect.

func onLaptop() manner { return manner{language: "en", width: 1280} }

// goBack presses the browser's back button and waits for the page.
func (b *tab) goBack(to string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	history, err := chromedp.Call(ctx, page.GetNavigationHistory, cdp.Empty{})
	if err != nil || history.CurrentIndex == 0 {
		b.t.Fatalf("going back from %s: %v", b.path(), err)
	}
	b.arrive(to, command(page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{
		EntryID: history.Entries[history.CurrentIndex-1].ID,
	}))
}

func TestBackButton(t *testing.T) {
	t.Parallel()
	b, c := newTab(t, startSandbox(t), onLaptop()), juan()
	b.openTown()
	b.enterDocument(c.document, "/login/*/pin/validity")
	b.goBack("/login/*/pin")
	if typed := ask[string](b, "document.querySelector('#document').value"); typed != c.document {
		t.Errorf("the document is gone from its field: %q", typed)
	}
	b.enterDocument(c.document, "/login/*/pin/validity")
	b.enterContrast(c.contrast, "/login/*/pin/obtain")
	b.obtain()
	b.goBack("/login/*/pin/obtain")
	b.obtain() // too soon for another PIN: the first one is still good
	if n := len(b.inbox(c.phone)); n != 1 {
		t.Errorf("%d messages after going back", n)
	}
	pin := b.nthPIN(c.phone, 1)
	b.enterPIN(pin, "/login/*/inform")
	b.goBack("/login/*/inform") // where the PIN was entered, there is nothing to do any more
	b.continueToTown()
	b.goBack("/login/*") // the service has redeemed the answer, and is not to see it again
	b.look("over", "back")
	b.open(b.service + "/town")
	if !strings.Contains(ask[string](b, "document.body.innerText"), c.document) {
		t.Error("the service has forgotten the citizen")
	}
}

func TestReloadOnEachPage(t *testing.T) {
	t.Parallel()
	b, c := newTab(t, startSandbox(t), onLaptop()), juan()
	same := func() {
		t.Helper()
		before := b.path()
		b.reload()
		if after := b.path(); after != before {
			t.Errorf("reloading %s leads to %s", before, after)
		}
	}
	b.openTown()
	same()
	b.enterDocument("1", "/login/*/pin")
	same() // the form is sent again
	b.enterDocument(c.document, "/login/*/pin/validity")
	same()
	b.enterContrast(c.contrast, "/login/*/pin/obtain")
	same()
	b.obtain()
	half := ask[string](b, "document.querySelector('#half').value")
	same()
	if again := ask[string](b, "document.querySelector('#half').value"); again != half {
		t.Errorf("the code was %q and is %q", half, again)
	}
	if n := len(b.inbox(c.phone)); n != 1 {
		t.Errorf("%d messages after reloading", n)
	}
	b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
	same()
	b.continueToTown()
	same()
}

// twice presses the mouse twice, as on the icons of a desktop.
func (b *tab) twice(selector string) chromedp.Action[chromedp.Void] {
	b.t.Helper()
	x, y := b.target(selector)
	return chromedp.Steps(chromedp.MouseClickXY(x, y), chromedp.MouseClickXY(x, y, chromedp.ClickCount(2)))
}

func TestTwoPresses(t *testing.T) {
	t.Parallel()
	for _, noScript := range []bool{false, true} {
		name := map[bool]string{false: "a script lets one through", true: "without JavaScript"}[noScript]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := onLaptop()
			m.noScript = noScript
			b, c := newTab(t, startSandbox(t), m), juan()
			b.openTown()
			b.fill("#document", c.document)
			b.arrive("/login/*/pin/validity", b.twice(goOn))
			b.enterContrast(c.contrast, "/login/*/pin/obtain")
			b.arrive("/login/*/pin/enter", b.twice(goOn))
			pin := b.nthPIN(c.phone, 1)
			b.fill("#pin", pin)
			b.arrive("/login/*/inform", b.twice(goOn))
			if n := len(b.inbox(c.phone)); n != 1 {
				t.Errorf("%d messages after two presses", n)
			}
			posts := b.watch.count(func(r string) bool { return strings.HasPrefix(r, "POST") && strings.HasSuffix(r, "/pin/obtain") })
			if !noScript && posts != 1 {
				t.Errorf("the form was sent %d times", posts)
			}
			b.arrive(b.service+"/town", b.twice(goOn))
		})
	}
}

func TestTwoTabsOfOneLogin(t *testing.T) {
	t.Parallel()
	first, c := newTab(t, startSandbox(t), onLaptop()), juan()
	first.openTown()
	second := first.another()
	second.open(first.path())
	first.identify(c)
	second.identify(c)
	first.obtain()
	second.obtain() // too soon for another PIN
	if n := len(first.inbox(c.phone)); n != 1 {
		t.Errorf("%d messages for two tabs", n)
	}
	pin := first.nthPIN(c.phone, 1)
	first.enterPIN(pin, "/login/*/inform")
	second.enterPIN(pin, "/login/*/inform") // it is proven already
	second.continueToTown()
	first.arrive("/login/*", first.activate(goOn))
	first.look("over", "second-tab")
}

func TestTwoLoginsInOneBrowser(t *testing.T) {
	t.Parallel()
	town, c := newTab(t, startSandbox(t), onLaptop()), juan()
	tax := town.another()
	town.openTown()
	tax.tryAt("/tax", "", "/login/*/pin")
	town.identify(c)
	town.obtain()
	tax.identify(carmen())
	tax.obtain()
	town.enterPIN(town.nthPIN(c.phone, 1), "/login/*/inform")
	// Another person in the same browser: the first session ends, nothing is mixed.
	tax.arrive(tax.service+"/tax", chromedp.Steps(tax.filled("#pin", tax.nthPIN(carmen().phone, 1)), press(kb.Enter)))
	if text := ask[string](tax, "document.body.innerText"); !strings.Contains(text, carmen().document) || strings.Contains(text, c.document) {
		t.Error("the second service does not know who logged in")
	}
	town.arrive("/login/*", town.activate(goOn))
	town.look("refusal", "session-gone")
}

// filled types into a field as a step of something longer.
func (b *tab) filled(selector, text string) chromedp.Action[chromedp.Void] {
	b.t.Helper()
	return chromedp.Steps(b.click(selector), press(text))
}

// A PIN is typed as it comes: small letters, spaces, hyphens.
func TestPINAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	b, c := newTab(t, startSandbox(t), onLaptop()), juan()
	b.openTown()
	b.identify(c)
	b.obtain()
	pin := strings.ToLower(b.nthPIN(c.phone, 1))
	b.enterPIN(" "+pin[:1]+" - "+pin[1:]+" ", "/login/*/inform")
}

func TestCancel(t *testing.T) {
	t.Parallel()
	b := newTab(t, startSandbox(t), onLaptop())
	b.openTown()
	b.enterDocument(juan().document, "/login/*/pin/validity")
	b.arrive(b.service+"/town/callback", b.activate("form.cancel button"))
	if !strings.Contains(ask[string](b, "document.body.innerText"), "access_denied") {
		t.Error("the service was not told")
	}
}

// later lets the page believe that so many seconds have passed; its scripts read
// the clock when the tab is shown again.
func (b *tab) later(seconds string) {
	b.t.Helper()
	ask[bool](b, `(() => {
		const real = window.realNow ||= Date.now.bind(Date);
		Date.now = () => real() + 1000 * (`+seconds+`);
		document.dispatchEvent(new Event("visibilitychange"));
		return true;
	})()`)
}

func (b *tab) becomes(what, expression string) {
	b.t.Helper()
	b.eventually(what, func() bool { return ask[bool](b, expression) })
}

const warned = "!document.querySelector('[data-deadline]').hidden"

func TestWarningBeforeALoginEnds(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, onLaptop()} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			b.openTown()
			b.fill("#document", "9999")
			if ask[bool](b, warned) {
				t.Error("warned at the start")
			}
			b.later("29 * 60")
			b.becomes("the warning", warned)
			b.look("document", "warned")
			b.do(b.activate("[data-deadline] button"))
			b.becomes("more time", "!("+warned+")")
			if typed := ask[string](b, "document.querySelector('#document').value"); typed != "9999" {
				t.Errorf("what was typed is gone: %q", typed)
			}
			b.later("61 * 60")
			b.becomes("the end", "document.querySelector('[data-over]').checkVisibility()")
			b.look("document", "over")
		})
	}
}

func TestWarningBeforeASessionEnds(t *testing.T) {
	t.Parallel()
	b, c := newTab(t, startSandbox(t), manner{language: "es", width: 320}), carmen()
	b.openTown()
	b.identify(c)
	b.obtain()
	b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
	b.continueToTown()
	b.open("/help")
	b.later("58 * 60")
	b.becomes("the warning", warned)
	b.look("help", "session-warned")
	b.do(b.activate("[data-deadline] button"))
	b.becomes("more time", "!("+warned+")")
	b.arrive("/logged-out", b.activate(".account button"))
	b.open("/help")
	if ask[bool](b, "document.querySelector('[data-deadline]') !== null") {
		t.Error("there is still a session")
	}
}

func TestCountdownIsSeenAndSpoken(t *testing.T) {
	t.Parallel()
	b, c := newTab(t, startSandbox(t), manner{language: "es", width: 320}), carmen()
	b.openTown()
	b.identify(c)
	b.obtain()
	spoken := "document.querySelector('[data-spoken]').textContent"
	if said := ask[string](b, spoken); said != "" {
		t.Errorf("said at once: %q", said)
	}
	b.later("9 * 60 - 1 - (600 - Number(document.querySelector('[data-countdown]').dataset.countdown))")
	b.becomes("the last minute", "document.querySelector('.countdown').classList.contains('is-low') && "+spoken+" !== ''")
	b.look("enter", "last-minute")
	b.later("10 * 60")
	b.becomes("the end", "document.querySelector('.countdown').classList.contains('is-over')")
	b.look("enter", "time-over")
}
