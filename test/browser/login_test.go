package browser

import (
	"testing"
)

// everyScreen is each language and each width once. What a check finds depends on
// the texts or on the width; all languages on the narrowest phone are in
// TestEveryLanguageFitsAPhone.
func everyScreen() []manner {
	return []manner{{language: "es", width: 320}, {language: "en", width: 1280}}
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
