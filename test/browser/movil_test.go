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

// waitByQR opens the page with the QR, which a computer with scripts shows at once.
func (b *tab) waitByQR() {
	b.t.Helper()
	if b.width > 1000 && !b.noScript {
		b.atMovil("/login/*/movil/wait")
		return
	}
	b.atMovil("/login/*/movil")
	b.arrive("/login/*/movil/wait", b.activate("main form[action$='/qr'] button"))
}

// stage waits until the page that waits shows something else; without scripts somebody
// looks again.
func (b *tab) stage(title string) {
	b.t.Helper()
	if b.noScript {
		b.arrive("/login/*/movil/wait", b.activate("[data-refresh] a"))
	}
	b.eventually(title, func() bool {
		return b.place().loaded && ask[string](b, "document.querySelector('h1')?.textContent ?? ''") == title
	})
}

// What the browser shows while a phone decides, and when it has.
func TestMovilWaits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		manner
		taken, rejected, digits, approved string
	}{
		"on a phone": {manner{language: "es", width: 320}, "Confirme en su teléfono", "La petición se ha rechazado en el teléfono", "El código que escribió no era correcto", ""},
		"on a desk":  {manner{language: "en", width: 1280}, "Confirm on your phone", "The request was rejected on the phone", "The code that was typed was not right", ""},
		"without scripts": {
			manner{language: "en", width: 320, noScript: true},
			"Confirm on your phone", "The request was rejected on the phone", "The code that was typed was not right", "You have confirmed the login",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, c := startSandbox(t), carmen()
			phone := newTab(t, s, manner{language: "en", width: 320})
			phone.locks(false)
			phone.becomeDevice(c)
			desk := newTab(t, s, test.manner)
			desk.waitByQR()
			phone.reads(desk)
			desk.stage(test.taken)
			desk.look("movil-taken", "qr")
			phone.arrive("/movil/request/decided", phone.activate("form[action$='/reject'] button"))
			desk.stage(test.rejected)
			desk.look("movil-over", "rejected")
			desk.sendsByDocument(c)
			desk.look("movil-sent", "fresh")
			for range 2 {
				phone.open("/movil/request")
				phone.fill("#digits", wrongOf(ask[string](desk, shownDigits)))
				phone.arrive("", phone.activate(goOn))
			}
			desk.stage(test.digits)
			desk.look("movil-over", "digits")
			desk.arrive("/login/*/movil/wait", desk.activate("form[action$='/again'] button"))
			phone.open("/movil/request")
			phone.fill("#digits", ask[string](desk, shownDigits))
			phone.arrive("/movil/request", phone.activate(goOn))
			desk.stage(test.taken)
			desk.look("movil-taken", "typed")
			phone.arrive("/movil/request/decided", phone.activate("form[data-approve] button"))
			if desk.noScript {
				desk.stage(test.approved)
				desk.look("movil-approved", "fresh")
				desk.do(desk.activate("form[action$='/finish'] button"))
			}
			desk.reaches("/login/*/inform")
			phone.watch.takeTroubles() // that a request is gone is no page of its own
		})
	}
}

func wrongOf(digits string) string {
	if digits == "000" {
		return "111"
	}
	return "000"
}

// The keys of the device that is itself the browser sign the first page.
func TestMovilOnThisDevice(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 320}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			lock := b.locks(false)
			b.becomeDevice(carmen())
			b.atMovil("/login/*/movil")
			lock.unlocks(false)
			b.do(b.activate("form[data-options] button"))
			b.becomes("it is told", `!document.querySelector("[data-failed]").hidden`)
			b.look("movil", "declined")
			lock.unlocks(true)
			b.do(b.activate("form[data-options] button"))
			b.reaches("/login/*/inform")
		})
	}
}

// A device that was removed says nothing any more. It was removed behind this browser's
// back, which still offers the passkey.
func TestMovilOnADeviceThatWasRemoved(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 320}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			b.locks(false)
			b.becomeDevice(carmen())
			b.opens("/movil/devices")
			b.arrive("/movil/devices/*", b.activate(".card a"))
			b.arrive("/movil/devices/*/remove", b.activate("main a.button"))
			ask[bool](b, `fetch(document.querySelector("main form").action, {method: "POST", redirect: "manual"}).then(() => true)`)
			b.atMovil("/login/*/movil")
			b.do(b.activate("form[data-options] button"))
			b.reaches("/login/*/movil/ways")
			b.look("movil-ways", "unknown-passkey")
		})
	}
}

// The passkey of the time before is not taken for that of the device as it is now.
func TestMovilOnADeviceThatIsActivatedAgain(t *testing.T) {
	t.Parallel()
	b := newTab(t, startSandbox(t), manner{language: "en", width: 320})
	b.locks(false)
	for range 3 {
		b.becomeDevice(carmen())
		b.opens("/movil/devices")
		b.arrive("/movil/devices/*", b.activate(".card a"))
		b.arrive("/movil/devices/*/remove", b.activate("main a.button"))
		b.arrive("/movil", b.activate(goOn))
		b.tells("no_device", "app-door", "removed-here")
	}
	b.becomeDevice(carmen())
	b.atMovil("/login/*/movil")
	b.do(b.activate("form[data-options] button"))
	b.reaches("/login/*/inform")
	b.expects("/movil/open answered 403")
}
