package browser

import "testing"

// Luca's registration is basic, and he has no reader for his certificate at hand.
const (
	lucasDocument = "Y1234567X"
	lucasSupport  = "C01234567"
	lucasName     = "Luca Europeo Prova"
	lucasPhone    = "600000009"
)

// Carmen confirms her address; then Luca, whose phone Cristina took, leaves with a
// letter. Every page is looked at once.
func TestAddressAndLeavingByLetter(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 1280}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t)
			newTab(t, s, m).confirmAddress()
			newTab(t, s, m).registerWithPhone(lucasPhone)
			newTab(t, s, m).leaveWithLetter()
		})
	}
}

func (b *tab) confirmAddress() {
	b.t.Helper()
	const at = "/my/email/confirm"
	b.openMine()
	b.identify(carmen())
	b.obtain()
	b.enterPIN(b.nthPIN(carmen().phone, 1), "/my")
	b.look("my", "unconfirmed")
	b.arrive(at, b.activate("main a[href='"+at+"']"))
	b.look("my-email-confirm", "fresh")
	b.arrive(at+"/mail", b.activate(goOn))
	b.look("my-email-code", "fresh")
	b.fill("#mail", "12345")
	b.arrive(at+"/mail", b.activate(goOn))
	b.look("my-email-code", "wrong")
	b.fill("#mail", b.nthPIN("carmen@example.org", 1))
	b.arrive(at+"/done", b.activate(goOn))
	b.look("my-email-confirmed", "fresh")
	b.arrive("/my", b.activate(goOn))
	b.look("my", "confirmed")
	b.open(at)
	b.look("my-email-confirm", "already")
}

// registerWithPhone registers Cristina with a phone that is another citizen's.
func (b *tab) registerWithPhone(phone string) {
	b.t.Helper()
	const at = "/register/letter"
	b.open(at)
	b.enterDocument(newDocument, at+"/*")
	b.enterContrast(newValidity, at+"/choice")
	b.chooseLetter("send", at+"/requested")
	b.arrive(at+"/choice", b.activate("main > p a"))
	b.chooseLetter("have", at+"/code")
	b.fill("#code", b.nthPIN(newName, 1))
	b.arrive(at+"/contact", b.activate(goOn))
	b.do(b.click("label[for=conditions]"))
	b.enterContact(phone, phone, at+"/claim")
	b.arrive(at+"/sms", b.activate(goOn))
	b.fill("#sms", b.codeAfter("+34"+phone, ""))
	b.arrive(at+"/done", b.activate(goOn))
}

func (b *tab) leaveWithLetter() {
	b.t.Helper()
	const at = "/register/withdraw/letter"
	b.open("/register/withdraw")
	b.arrive(at, b.activate("main a[href='"+at+"']"))
	b.look("leaving", "fresh")
	b.enterDocument("12345678A", at)
	b.look("leaving", "wrong")
	b.enterDocument(carmen().document, at+"/*")
	b.enterContrast(carmen().contrast, at+"/*")
	b.look("leaving-standing", "registered")
	b.open(at)
	b.enterDocument(helene().document, at+"/*")
	b.enterContrast(helene().contrast, at+"/*")
	b.look("leaving-stopped", "advanced")
	b.open(at)
	b.enterDocument(lucasDocument, at+"/*")
	b.enterContrast(lucasSupport, at+"/choice")
	b.look("leaving-choice", "fresh")
	b.chooseLetter("send", at+"/requested")
	b.look("leaving-requested", "fresh")
	b.arrive(at+"/choice", b.activate("main > p a"))
	b.chooseLetter("have", at+"/code")
	b.fill("#code", b.nthPIN(lucasName, 1))
	b.arrive(at+"/confirm", b.activate(goOn))
	b.look("leaving-confirm", "fresh")
	b.arrive(at+"/confirm", b.activate(goOn))
	b.look("leaving-confirm", "without-conditions")
	b.do(b.click("label[for=conditions]"))
	b.arrive(at+"/done", b.activate(goOn))
	b.look("leaving-done", "fresh")
	b.arrive("/register", b.activate("main form .button.secondary"))
}
