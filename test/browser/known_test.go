package browser

import "testing"

// Cristina registers with her certificate, and then changes all that can be changed.
// Every page is looked at once.
func TestProceduresBehindALogin(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 1280}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t)
			b := openTab(t, s, m, holder(t, s, "citizen", newDocument), []string{s.host()})
			b.registerWithCertificate()
			code := b.changePhone()
			b.changeEmail()
			b.withdraw(code)
		})
	}
}

// byCertificate goes on to the page behind a login with the certificate.
func (b *tab) byCertificate(page string) {
	b.t.Helper()
	b.arrive("/login/*/certificate/confirm", b.activate("main a.button"))
	b.arrive(page, b.activate(goOn))
}

func (b *tab) registerWithCertificate() {
	b.t.Helper()
	const at = "/register/certificate"
	b.open(at)
	b.look("certificate", "fresh")
	b.arrive("/login/*/certificate", b.activate("main a.button"))
	b.byCertificate(at + "/choice")
	b.look("certificate-choice", "unregistered")
	b.arrive(at+"/contrast", b.activate(goOn))
	b.arrive(at+"/contrast", b.activate(goOn))
	b.look("certificate-printed", "empty")
	b.do(b.click("label[for=printed-electronic_dni]"))
	b.arrive(at+"/contrast/*", b.activate(goOn))
	b.look("certificate-datum", "fresh")
	b.fill("#contrast", "1234")
	b.arrive(at+"/contrast/*", b.activate(goOn))
	b.look("certificate-datum", "wrong")
	b.fill("#contrast", "CCC000555")
	b.arrive(at+"/contact", b.activate(goOn))
	b.do(b.click("label[for=conditions]"))
	b.enterContact(newPhone, newPhone, at+"/sms")
	b.fill("#sms", b.nthPIN("+34"+newPhone, 1))
	b.arrive(at+"/done", b.activate(goOn))
	b.look("certificate-done", "fresh")
	b.arrive("/my", b.activate("main > p a[href='/my']"))
	b.look("my", "by-certificate")
	b.open(at + "/choice")
	b.look("certificate-choice", "registered")
}

// changePhone gives the code that came to the phone.
func (b *tab) changePhone() string {
	b.t.Helper()
	const at = "/my/phone"
	b.arrive(at, b.activate("main a[href='"+at+"']"))
	b.look("my-phone", "fresh")
	b.fill("#phone", newPhone)
	b.fill("#phone_again", newPhone)
	b.arrive(at, b.activate(goOn))
	b.look("my-phone", "without-conditions")
	b.do(b.click("label[for=conditions]"))
	b.arrive(at, b.activate(goOn))
	b.look("my-phone", "unchanged")
	b.fill("#phone", carmensOwn)
	b.fill("#phone_again", carmensOwn)
	b.arrive(at+"/claim", b.activate(goOn))
	b.look("my-phone-claim", "fresh")
	b.arrive(at+"/sms", b.activate(goOn))
	b.look("my-phone-sms", "taken")
	code := b.codeAfter("+34"+carmensOwn, "")
	b.fill("#sms", code)
	b.arrive(at+"/done", b.activate(goOn))
	b.look("my-phone-done", "taken")
	b.arrive("/my", b.activate("main form .button.secondary"))
	return code
}

// codeAfter waits for a code that is not the one of before; notices come in between.
func (s *sandbox) codeAfter(phone, before string) (code string) {
	s.t.Helper()
	s.eventually("another code", func() bool {
		for _, m := range s.inbox(phone) { // the newest first
			if m.Code != "" {
				code = m.Code
				return code != before
			}
		}
		return false
	})
	return code
}

func (b *tab) changeEmail() {
	b.t.Helper()
	const at = "/my/email"
	b.arrive(at, b.activate("main a[href='"+at+"']"))
	b.look("my-email", "fresh")
	b.fill("#email", "otra@example.org")
	b.fill("#email_again", "otra@example.net")
	b.arrive(at, b.activate(goOn))
	b.look("my-email", "wrong")
	b.arrive("/my", b.activate(".cancel button"))
}

func (b *tab) withdraw(before string) {
	b.t.Helper()
	const at = "/my/withdraw"
	b.open("/my/level")
	b.look("my-level", "advanced-already")
	b.open("/my/activation")
	b.look("my-activation", "fresh")
	b.do(b.click("label[for=conditions]"))
	b.arrive("/my/activation/done", b.activate(goOn))
	b.look("my-activation-done", "fresh")
	b.arrive("/my", b.activate("main form .button.secondary"))
	b.arrive(at, b.activate("main a[href='"+at+"']"))
	b.look("my-withdraw", "fresh")
	b.arrive(at, b.activate(goOn))
	b.look("my-withdraw", "without-conditions")
	b.do(b.click("label[for=conditions]"))
	b.arrive(at+"/sms", b.activate(goOn))
	b.look("my-withdraw-sms", "fresh")
	b.fill("#sms", b.codeAfter("+34"+carmensOwn, before))
	b.arrive(at+"/done", b.activate(goOn))
	b.look("my-withdraw-done", "fresh")
	b.arrive("/register", b.activate("main form .button.secondary"))
}
