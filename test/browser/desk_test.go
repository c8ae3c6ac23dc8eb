package browser

import "testing"

// An officer looks people up, registers one of them, and proposes what a supervisor
// approves. Every page is looked at, and the mistakes.
func TestDesk(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 1280, keyboard: true}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			b.signInAs(officer, "/staff/desk")
			b.findAtDesk()
			b.registerAtDesk()
			b.serveAMinor()
			b.proposeAndDecide()
			b.practise()
		})
	}
}

const (
	atDesk = "/staff/desk"
	aCase  = "/staff/desk/case/*"
)

// find looks somebody up for a reason.
func (b *tab) find(document, reason, page string) {
	b.t.Helper()
	b.open(atDesk)
	b.becomes("the cursor in the first field", "document.activeElement.id === 'document'")
	b.fill("#document", document)
	b.do(b.click("label[for=reason-" + reason + "]"))
	b.arrive(page, b.activate(goOn))
}

// tick ticks the boxes of the check-list.
func (b *tab) tick(kind string) {
	b.t.Helper()
	for _, id := range []string{"seen_document-" + kind, "present", "original", "in_force", "alike"} {
		b.do(b.click("label[for=" + id + "]"))
	}
}

func (b *tab) findAtDesk() {
	b.t.Helper()
	b.look("desk-find", "fresh")
	b.arrive(atDesk, b.activate(goOn))
	b.look("desk-find", "empty")
	b.find("22222222J", "registration", atDesk)
	b.look("desk-find", "unknown")
	b.find(officer, "query", atDesk)
	b.look("desk-stopped", "own-record")
	b.open(aCase[:len(aCase)-1] + "nothing")
	b.look("desk-find", "gone")
}

func (b *tab) registerAtDesk() {
	b.t.Helper()
	b.find(newDocument, "registration", aCase)
	b.look("desk-record", "unregistered")
	b.arrive(aCase+"/seen", b.activate("button[value=desk_register]"))
	b.look("desk-seen", "fresh")
	b.arrive(aCase+"/seen", b.activate(goOn))
	b.look("desk-seen", "empty")
	b.tick("dni")
	b.arrive(aCase+"/contact", b.activate(goOn))
	b.look("desk-contact", "fresh")
	b.enterContact(carmensOwn, "600000002", aCase+"/contact")
	b.look("desk-contact", "differs")
	b.enterContact(carmensOwn, carmensOwn, aCase+"/claim")
	b.look("desk-claim", "fresh")
	b.arrive(aCase+"/contact", b.activate("main > p a"))
	b.enterContact(newPhone, newPhone, aCase+"/confirm")
	b.look("desk-confirm", "fresh")
	b.arrive(aCase+"/confirm", b.activate(goOn))
	b.look("desk-confirm", "not-signed")
	b.arrive(aCase+"/acceptance", b.activate("a[href$='/acceptance']"))
	b.look("desk-acceptance", "fresh")
	b.arrive(aCase+"/confirm", b.activate("a[href$='/confirm']"))
	b.do(b.click("label[for=conditions]"))
	b.arrive(aCase+"/sms", b.activate(goOn))
	b.look("desk-sms", "fresh")
	b.fill("#sms", "12")
	b.arrive(aCase+"/sms", b.activate(goOn))
	b.look("desk-sms", "wrong")
	b.fill("#sms", b.nthPIN("+34"+newPhone, 1))
	b.arrive(aCase+"/done", b.activate(goOn))
	b.look("desk-done", "registered")
	b.arrive(atDesk, b.activate("button[name=next]"))
	b.find(newDocument, "query", aCase)
	b.look("desk-record", "registered")
}

func (b *tab) serveAMinor() {
	b.t.Helper()
	b.find("01000000Y", "change", aCase)
	b.arrive(aCase+"/seen", b.activate("button[value=desk_phone]"))
	b.tick("dni")
	b.arrive(aCase+"/seen", b.activate(goOn))
	b.look("desk-seen", "minor-alone")
}

func (b *tab) proposeAndDecide() {
	b.t.Helper()
	b.open("/staff/proposals")
	b.look("proposals", "none")
	b.find(carmen().document, "ex_officio", aCase)
	b.arrive(aCase+"/propose", b.activate("a[href$='/propose']"))
	b.look("desk-propose", "fresh")
	b.arrive(aCase+"/propose", b.activate(goOn))
	b.look("desk-propose", "empty")
	b.do(b.click("label[for=reason-fraud]"))
	b.arrive("/staff/proposals/one/*", b.activate(goOn))
	b.look("proposal", "own")

	b.signInAs(supervisor, "/staff/office")
	b.do(b.click("label[for=office-P08001]"))
	b.arrive(atDesk, b.activate(goOn))
	b.open("/staff/proposals")
	b.look("proposals", "waiting")
	b.arrive("/staff/proposals/one/*", b.activate("main .card a"))
	b.look("proposal", "open")
	b.arrive("/staff/proposals/one/*/reject", b.activate("form[action$='/reject'] .button"))
	b.look("proposal", "no-reason")
	b.arrive("/staff/proposals/one/*", b.activate("form[action$='/approve'] .button"))
	b.look("proposal", "approved")
	b.find(carmen().document, "ex_officio", aCase)
	b.look("desk-record", "revoked")
}

func (b *tab) practise() {
	b.t.Helper()
	b.open("/staff?login_hint=test:" + officer + ":certificate")
	b.look("console-enter", "training")
	b.do(b.click("label[for=training]"))
	b.arrive(atDesk, b.activate(signIn))
	b.look("desk-find", "training")
	b.find("00000000T", "leaving", aCase)
	b.arrive(aCase+"/seen", b.activate("button[value=desk_withdraw]"))
	b.tick("dni")
	b.arrive(aCase+"/confirm", b.activate(goOn))
	b.arrive(aCase+"/acceptance", b.activate("a[href$='/acceptance']"))
	b.look("desk-acceptance", "training")
	b.arrive(aCase+"/confirm", b.activate("a[href$='/confirm']"))
	b.do(b.click("label[for=conditions]"))
	b.arrive(aCase+"/done", b.activate(goOn))
	b.look("desk-done", "training")
}
