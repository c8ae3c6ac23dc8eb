package browser

import (
	"strings"
	"testing"
)

// cristina has no registration; carmen's phone is not hers.
const (
	newDocument = "99999972C"
	newValidity = "2031-11-11"
	newName     = "Cristina Certificada Sola"
	newPhone    = "600000123"
	carmensOwn  = "600000001"
)

// Somebody registers with a letter, makes every kind of mistake, and wants the phone
// of somebody else first. Every page is looked at; without JavaScript in the
// language with the longest words.
func TestRegistrationByLetter(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]manner{
		"on a phone":      {language: "es", width: 320},
		"by keyboard":     {language: "en", width: 1280, keyboard: true},
		"without scripts": {language: "eu", width: 320, noScript: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newTab(t, startSandbox(t), m).registerWithLetter()
		})
	}
}

// chooseLetter gives one of the two answers.
func (b *tab) chooseLetter(answer, page string) {
	b.t.Helper()
	b.do(b.click("label[for=choice-" + answer + "]"))
	b.arrive(page, b.activate(goOn))
}

// enterContact types phone and address twice.
func (b *tab) enterContact(phone, again, page string) {
	b.t.Helper()
	b.fill("#phone", phone)
	b.fill("#phone_again", again)
	b.fill("#email", "nueva@example.org")
	b.fill("#email_again", "nueva@example.org")
	b.arrive(page, b.activate(goOn))
}

// registerWithLetter walks the whole procedure, looking at every page.
func (b *tab) registerWithLetter() {
	b.t.Helper()
	const at = "/register/letter"
	b.open(at)
	b.look("letter-document", "fresh")
	b.enterDocument("12345678A", at)
	b.look("letter-document", "wrong")
	b.enterDocument(newDocument, at+"/*")
	b.look("letter-contrast", "fresh")
	b.enterContrast("2030-01-01", at+"/*")
	b.look("letter-contrast", "wrong-pair")
	b.arrive(at+"/issue", b.activate("main form a"))
	b.look("letter-contrast-issue", "fresh")
	b.arrive(at+"/validity", b.activate("main form a"))
	b.enterContrast(newValidity, at+"/choice")
	b.look("letter-choice", "fresh")
	b.arrive(at+"/choice", b.activate(goOn))
	b.look("letter-choice", "empty")
	b.chooseLetter("send", at+"/requested")
	b.look("letter-requested", "fresh")
	b.arrive(at+"/choice", b.activate("main > p a"))
	b.chooseLetter("have", at+"/code")
	b.look("letter-code", "fresh")
	b.fill("#code", "ABCD-EFGH-JKLM-NPQR")
	b.arrive(at+"/code", b.activate(goOn))
	b.look("letter-code", "wrong")
	b.fill("#code", strings.ToLower(b.nthPIN(newName, 1)))
	b.arrive(at+"/contact", b.activate(goOn))
	b.look("letter-contact", "fresh")
	b.enterContact("910000000", "910000000", at+"/contact")
	b.look("letter-contact", "wrong")
	b.do(b.click("label[for=conditions]"))
	b.enterContact(carmensOwn, carmensOwn, at+"/claim")
	b.look("letter-claim", "fresh")
	b.arrive(at+"/contact", b.activate("main > p a"))
	b.look("letter-contact", "kept")
	b.enterContact(newPhone, newPhone, at+"/sms")
	b.look("letter-sms", "fresh")
	b.fill("#sms", "12345")
	b.arrive(at+"/sms", b.activate(goOn))
	b.look("letter-sms", "wrong")
	b.fill("#sms", b.nthPIN("+34"+newPhone, 1))
	b.arrive(at+"/done", b.activate(goOn))
	b.look("letter-done", "fresh")
	b.arrive("/register", b.activate("main form .button.secondary"))
}
