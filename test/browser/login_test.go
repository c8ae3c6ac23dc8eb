package browser

import (
	"testing"
)

// everyScreen is the two languages on a phone and on a laptop.
func everyScreen() []manner {
	return []manner{
		{language: "es", width: 320}, {language: "es", width: 1280},
		{language: "en", width: 320}, {language: "en", width: 1280},
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	for _, m := range everyScreen() {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			walk(b, carmen())
		})
	}
}

// walk logs a citizen in at the town hall and looks at each page.
func walk(b *tab, c citizen) {
	b.t.Helper()
	b.openTown()
	b.look("document", "fresh")
	b.enterDocument(c.document, "/login/*/pin/validity")
	b.look("contrast-validity", "fresh")
	b.enterContrast(c.contrast, "/login/*/pin/obtain")
	b.look("obtain", "fresh")
	b.obtain()
	b.look("enter", "fresh")
	b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
	b.look("inform", "fresh")
	b.continueToTown()
	b.look("sample", "in")
}
