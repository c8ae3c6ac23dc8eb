package browser

// openMine opens My Cl@ve as somebody who is not logged in, and chooses Cl@ve PIN
// where there is a choice.
func (b *tab) openMine() {
	b.t.Helper()
	b.open("/my")
	if p := b.place(); b.isAt(p.address, "/login/*") {
		b.arrive(pinPage, b.activate("main a[href$='/pin']"))
	}
}

func tourAccount(b *tab) {
	c := carmen()
	b.openMine()
	b.look("document", "for-my-clave")
	b.identify(c)
	b.obtain()
	b.enterPIN(b.nthPIN(c.phone, 1), "/my")
	b.look("my", "advanced")
	b.open("/my/sessions")
	b.look("my-sessions", "one")
	b.open("/my/activity")
	b.look("my-activity", "one")
	b.open("/my/activity?before=MS5h")
	b.look("my-activity", "no-more")
	b.arrive("/logged-out", b.activate("form[action='/logout'] button"))
}
