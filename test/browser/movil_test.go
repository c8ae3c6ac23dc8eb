package browser

import (
	"testing"
)

// atMovil opens the first page of Cl@ve Móvil of a login at the town hall.
func (b *tab) atMovil(page string) {
	b.t.Helper()
	b.open(b.service + "/town")
	b.arrive("/login/*", b.activate(townLogin))
	b.arrive(page, b.activate("main a[href$='/movil']"))
}

// Somebody comes to log in with a phone and has none that is activated. Every page is
// looked at.
func TestMovilWithoutADevice(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]manner{
		"on a phone":             {language: "es", width: 320},
		"on a desk":              {language: "en", width: 1280},
		"without scripts":        {language: "eu", width: 320, noScript: true},
		"on a desk without them": {language: "en", width: 1280, noScript: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTab(t, startSandbox(t), m).walkMovil()
		})
	}
}

func (b *tab) walkMovil() {
	b.t.Helper()
	// On a computer with scripts the QR comes at once.
	if b.width > 1000 && !b.noScript {
		b.atMovil("/login/*/movil/wait")
		b.look("movil-qr", "fresh")
		b.arrive("/login/*/movil/ways", b.activate("main a[href$='/ways']"))
		b.look("movil", "ways")
	} else {
		b.atMovil("/login/*/movil")
		b.look("movil", "fresh")
		b.arrive("/login/*/movil/wait", b.activate("main form[action$='/qr'] button"))
		b.look("movil-qr", "fresh")
		b.arrive("/login/*/movil/ways", b.activate("main a[href$='/ways']"))
	}
	b.arrive("/login/*/movil/document", b.activate("main a[href$='/document']"))
	b.look("movil-document", "fresh")
	b.fill("#document", "12345678A")
	b.arrive("/login/*/movil/document", b.activate(goOn))
	b.look("movil-document", "wrong-letter")
	b.fill("#document", carmen().document)
	b.arrive("/login/*/movil/validity", b.activate(goOn))
	b.look("movil-contrast", "fresh")
	b.arrive("/login/*/movil/validity", b.activate(goOn))
	b.look("movil-contrast", "empty")
	b.fill("#contrast-day", "1")
	b.fill("#contrast-month", "2")
	b.fill("#contrast-year", "2033")
	b.arrive("/login/*/movil/validity", b.activate(goOn))
	b.look("movil-contrast", "wrong-pair")
}
