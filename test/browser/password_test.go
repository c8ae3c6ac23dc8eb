package browser

import (
	"testing"
)

// atPassword opens the page for the password of a login at the town hall.
func (b *tab) atPassword() {
	b.t.Helper()
	b.open(b.service + "/town")
	b.arrive("/login/*", b.activate(townLogin))
	b.arrive("/login/*/permanente", b.activate("main a[href$='/permanente']"))
}

// enterPassword types document and password.
func (b *tab) enterPassword(document, password, page string) {
	b.t.Helper()
	b.fill("#document", document)
	b.fill("#password", password)
	b.arrive(page, b.activate(goOn))
}

// Somebody mistypes the password, forgets it, activates another one with the receipt,
// logs in with it and changes it. Every page is looked at.
func TestPassword(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]manner{
		"on a phone":      {language: "es", width: 320},
		"on a desk":       {language: "en", width: 1280},
		"without scripts": {language: "eu", width: 320, noScript: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTab(t, startSandbox(t), m).walkPassword()
		})
	}
}

func (b *tab) walkPassword() {
	b.t.Helper()
	const document, phone, chosen, other = "99999018D", "+34600000006", "cesta-de-Mimbre-9", "cesta-de-Esparto-9"
	b.atPassword()
	b.look("password", "fresh")
	b.enterPassword("1234", "", "/login/*/permanente")
	b.look("password", "empty")
	b.enterPassword(document, "not-this-One-1", "/login/*/permanente")
	b.look("password", "wrong")

	b.arrive("/permanente/activate", b.activate("main a[href$='/help/password']"))
	b.look("password-activate", "fresh")
	b.fill("#document", document)
	b.fill("#email", "lucia@example.org")
	b.fill("#activation", "PRUE-BACX-WXYY")
	b.arrive("/permanente/activate", b.activate(goOn))
	b.look("password-activate", "wrong")
	b.fill("#activation", "PRUE-BACX-WXYZ")
	b.arrive("/permanente/code", b.activate(goOn))
	b.look("password-code", "fresh")
	b.fill("#code", "12")
	b.arrive("/permanente/code", b.activate(goOn))
	b.look("password-code", "format")
	b.fill("#code", b.nthPIN(phone, 1))
	b.arrive("/permanente/password", b.activate(goOn))
	b.look("password-choose", "fresh")
	if !b.noScript {
		b.fill("#new", chosen)
		b.becomes("the rules are kept", `document.querySelectorAll("li.met [data-met]:not([hidden])").length === 2`)
		b.do(b.click("button[data-reveals=new]"))
		b.becomes("the password is shown", `document.querySelector("#new").type === "text"`)
		b.look("password-choose", "shown")
	}
	b.fill("#new", "lucia")
	b.arrive("/permanente/password", b.activate(goOn))
	b.look("password-choose", "bad")
	b.fill("#new", chosen)
	b.arrive("/permanente/done", b.activate(goOn))
	b.look("password-done", "fresh")

	b.atPassword()
	b.enterPassword(document, chosen, "/login/*/inform")
	b.open("/permanente")
	b.look("password-settings", "fresh")
	b.arrive("/permanente/change", b.activate("main a.button"))
	b.look("password-change", "fresh")
	b.fill("#old", chosen)
	b.fill("#new", other)
	b.arrive("/permanente/code", b.activate(goOn))
	b.fill("#code", b.nthPIN(phone, 2))
	b.arrive("/permanente/done", b.activate(goOn))
}

func TestPasswordLocked(t *testing.T) {
	t.Parallel()
	for _, m := range everyScreen() {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			b.atPassword()
			for range 5 {
				b.enterPassword(carmen().document, "not-this-One-1", "/login/*/permanente")
			}
			b.look("password-stopped", "browsers")
		})
	}
}
