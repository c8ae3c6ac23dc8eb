package browser

import "testing"

// The PIN comes to the app that was just activated; My Cl@ve shows the device.
func TestDevicesInMyClave(t *testing.T) {
	t.Parallel()
	for _, m := range everyScreen() {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b, c := newTab(t, startSandbox(t), m), carmen()
			b.locks(false)
			b.becomeDevice(c)
			b.openMine()
			b.identify(c)
			b.look("obtain", "app")
			b.obtain()
			b.look("enter", "app")
			login := b.path()
			b.opens("/movil")
			b.becomes("the PIN is there", `document.querySelector(".card [data-pin]")?.textContent.length === 3`)
			b.look("app-home", "pin")
			pin := ask[string](b, `document.querySelector(".card [data-pin]").textContent`)
			b.open(login)
			b.enterPIN(wrong(pin), "/login/*/pin/enter")
			b.look("enter", "app-wrong")
			b.enterPIN(pin, "/my")
			b.arrive("/my/devices", b.activate("nav a[href='/my/devices']"))
			b.look("my-devices", "one")
			b.arrive("/my/devices/*", b.activate(".card a"))
			b.look("my-device", "fresh")
			b.fill("#name", " ")
			b.arrive("/my/devices/*", b.activate(goOn))
			b.look("my-device", "wrong")
			b.fill("#name", "Teléfono de Carmen")
			b.arrive("/my/devices", b.activate(goOn))
			b.arrive("/my/devices/*", b.activate(".card a"))
			b.arrive("/my/devices", b.activate("form[action$='/remove'] button"))
			b.look("my-devices", "removed")
			b.open("/my/devices?done=disowned")
			b.look("my-devices", "disowned")
			b.open("/movil")
			b.tells("no_device", "app-door", "removed-elsewhere")
			b.watch.takeTroubles() // 403 is how the script learns it
		})
	}
}

// Who does not have the app at hand gets an SMS.
func TestSMSInsteadOfTheApp(t *testing.T) {
	t.Parallel()
	b, c := newTab(t, startSandbox(t), manner{language: "es", width: 320}), carmen()
	b.locks(false)
	b.becomeDevice(c)
	b.openTown()
	b.identify(c)
	b.obtain()
	sent := len(b.inbox(c.phone))
	b.arrive("/login/*/pin/enter", b.activate("form[action$='/sms'] button"))
	b.look("enter", "sms-instead")
	b.enterPIN(b.nthPIN(c.phone, sent+1), "/login/*/inform")
}
