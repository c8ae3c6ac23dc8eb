package browser

import (
	"strings"
)

// The steps of a login as a person takes them. Each one ends on the page that the
// step leads to.

// Buttons of our pages, apart from the one that goes on: main's first form.
const (
	goOn      = "main form .button:not(.secondary)"
	townLogin = "main p a.button"
)

// pinPage is the first question of Cl@ve PIN.
const pinPage = "/login/*/pin"

// openTown opens the sample service and asks to log in there.
func (b *tab) openTown() {
	b.t.Helper()
	b.open(b.service + "/town")
	b.arrive("", b.activate(townLogin))
	b.choosePIN()
}

// choosePIN goes on to Cl@ve PIN where there is a choice.
func (b *tab) choosePIN() {
	b.t.Helper()
	if b.isAt(b.place().address, "/login/*") {
		b.arrive(pinPage, b.activate("main a[href$='/pin']"))
	}
}

// tryAt starts a login at a sample service with parameters of its own.
func (b *tab) tryAt(service, query, page string) {
	b.t.Helper()
	before := b.place()
	b.open(b.service + service + "/login?" + query)
	if page == pinPage {
		b.await("", before.visits)
		b.choosePIN()
		return
	}
	b.await(page, before.visits)
}

// enterDocument answers the first question.
func (b *tab) enterDocument(document, page string) {
	b.t.Helper()
	b.fill("#document", document)
	b.arrive(page, b.activate(goOn))
}

// enterContrast answers the second question: a date, a support number or nothing.
func (b *tab) enterContrast(value, page string) {
	b.t.Helper()
	switch parts := strings.Split(value, "-"); {
	case value == "":
	case len(parts) == 3:
		b.fill("#contrast-day", parts[2])
		b.fill("#contrast-month", parts[1])
		b.fill("#contrast-year", parts[0])
	default:
		b.fill("#contrast", value)
	}
	b.arrive(page, b.activate(goOn))
}

// identify answers both questions and ends where a PIN can be obtained.
func (b *tab) identify(c citizen) {
	b.t.Helper()
	contrast := "/login/*/pin/validity"
	if strings.HasPrefix(c.contrast, "E") || strings.HasPrefix(c.contrast, "C") {
		contrast = "/login/*/pin/support"
	}
	b.enterDocument(c.document, contrast)
	b.enterContrast(c.contrast, "/login/*/pin/obtain")
}

// obtain asks for a PIN.
func (b *tab) obtain() {
	b.t.Helper()
	b.arrive("/login/*/pin/enter", b.activate(goOn))
}

// enterPIN types what the phone received.
func (b *tab) enterPIN(pin, page string) {
	b.t.Helper()
	b.fill("#pin", pin)
	b.arrive(page, b.activate(goOn))
}

// continueToTown goes on from the page that informs, to the other site.
func (b *tab) continueToTown() {
	b.t.Helper()
	b.arrive(b.service+"/town", b.activate(goOn))
}
