package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focus is what testdata/focus.js tells.
type focus struct {
	Number  int    `json:"number"`
	Visible bool   `json:"visible"`
	Why     string `json:"why"`
}

func TestLoginByKeyboard(t *testing.T) {
	t.Parallel()
	for _, m := range everyScreen() {
		m.keyboard = true
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			c := carmen()
			b.openTown()
			b.tabThrough("document")
			b.enterDocument("12345678A", "/login/*/pin")
			b.errorByKeyboard("#document")
			b.enterDocument(c.document, "/login/*/pin/validity")
			b.tabThrough("contrast-validity")
			b.fill("#contrast-day", "15")
			b.fill("#contrast-month", "6")
			b.fill("#contrast-year", "2031")
			b.arrive("/login/*/pin/obtain", press(kb.Enter)) // in a field: it sends the form
			b.tabThrough("obtain")
			b.tabTo("#own")
			b.do(press(" "))
			b.fill("#half", "ABCD")
			b.obtain()
			b.tabThrough("enter")
			b.enterPIN("", "/login/*/pin/enter")
			b.errorByKeyboard("#pin")
			b.fill("#pin", b.nthPIN(c.phone, 1))
			b.arrive("/login/*/inform", press(kb.Enter))
			b.tabThrough("inform")
			b.continueToTown()
		})
	}
}

// tabThrough presses Tab from the top of the page to its end and back: everything
// that can be operated has its turn, in the order of the page, and can be seen to
// have it.
func (b *tab) tabThrough(page string) {
	b.t.Helper()
	b.reload()
	names := ask[[]string](b, "("+reachableScript+")()")
	for i, name := range names {
		b.do(press(kb.Tab))
		f := ask[focus](b, "("+focusScript+")()")
		if f.Number != i {
			b.t.Errorf("%s (%s): Tab %d leads to number %d, not to %q", page, b.name(), i+1, f.Number, name)
			return
		}
		if !f.Visible {
			b.t.Errorf("%s (%s): the focus on %q is not seen: %s", page, b.name(), name, f.Why)
		}
	}
	b.shoot(page, "focus")
	for i := len(names) - 2; i >= 0; i-- {
		b.do(press(kb.Tab, chromedp.ModifierShift))
		if f := ask[focus](b, "("+focusScript+")()"); f.Number != i {
			b.t.Errorf("%s (%s): Shift and Tab lead to number %d, not to %q", page, b.name(), f.Number, names[i])
			return
		}
	}
	// Back to the top, where the next step begins.
	b.reload()
}

// errorByKeyboard finds the error summary focused, and follows its link into the
// field.
func (b *tab) errorByKeyboard(field string) {
	b.t.Helper()
	if !ask[bool](b, "document.activeElement.matches('[data-error-summary]')") {
		b.t.Errorf("at %s the error summary has not got the focus", b.path())
	}
	b.do(press(kb.Tab), press(kb.Enter))
	if !ask[bool](b, "document.activeElement.matches("+quote(field)+")") {
		b.t.Errorf("at %s the link of the error summary does not lead to %s", b.path(), field)
	}
	if f := ask[focus](b, "("+focusScript+")()"); !f.Visible {
		b.t.Errorf("at %s the focus on %s is not seen: %s", b.path(), field, f.Why)
	}
	ask[bool](b, "(document.activeElement.blur(), true)")
}

// The first thing that Tab finds leads past the frame.
func TestSkipLinkLeadsToTheContent(t *testing.T) {
	t.Parallel()
	b := newTab(t, startSandbox(t), manner{language: "en", width: 1280, keyboard: true})
	b.openTown()
	b.do(press(kb.Tab))
	b.look("document", "skip-link")
	b.do(press(kb.Enter), press(kb.Tab))
	if !ask[bool](b, "document.activeElement.matches('#document')") {
		b.t.Errorf("the skip link leads to %s", ask[string](b, "document.activeElement.outerHTML"))
	}
}
