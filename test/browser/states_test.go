package browser

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// Every page in every state. What only the passing of time leads to (an expired
// PIN or login, no sends left, a phone that got too many messages) is in
// clock_test.go, where the clock is ours.
func TestStates(t *testing.T) {
	t.Parallel()
	tours := []struct {
		name string
		take func(b *tab)
	}{
		{"pages about the installation", tourFrame},
		{"questions and mistakes", tourQuestions},
		{"foreigners and refusals", tourRefusals},
		{"too many wrong data and PINs", tourLocks},
		{"the last steps and the session", tourSession},
		{"My Cl@ve", tourAccount},
		{"the console", tourConsole},
	}
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 1280}} {
		for _, tour := range tours {
			t.Run(m.name()+" "+tour.name, func(t *testing.T) {
				t.Parallel()
				tour.take(newTab(t, startSandbox(t), m))
			})
		}
	}
}

func tourFrame(b *tab) {
	for _, one := range []struct{ path, name, state string }{
		{"/", "home", "fresh"},
		{"/dev/citizens", "citizens", "fresh"},
		{"/dev/inbox", "inbox", "empty"},
		{"/docs", "docs", "fresh"},
		{"/help", "help", "fresh"},
		{"/legal", "legal", "fresh"},
		{"/accessibility", "accessibility", "fresh"},
		{"/cookies", "cookies", "fresh"},
		{"/sitemap", "sitemap", "fresh"},
		{"/logged-out", "logged-out", "fresh"},
		{"/nowhere", "error", "404"},
		{"/end_session/confirm", "error", "405"},
		{"/login/AAAAAAAAAAAAAAAAAAAAAA", "login", "unknown"},
		{b.service + "/town", "sample", "out"},
		{b.service + "/town/login?redirect_uri=" + url.QueryEscape("http://127.0.0.1/elsewhere"), "mistake", "400"},
		{b.service + "/town/login?scope=profile", "sample", "error"},
	} {
		b.open(one.path)
		b.look(one.name, one.state)
	}
}

func tourQuestions(b *tab) {
	b.openTown()
	again := func(document, state string) {
		b.enterDocument(document, "/login/*/pin")
		b.look("document", state)
	}
	again("", "empty")
	again("1234", "wrong-format")
	again("12345678A", "wrong-letter")
	b.enterDocument(" 12.345.678-z", "/login/*/pin/validity")
	b.do(b.click("main summary"))
	b.look("contrast-validity", "where")
	b.enterContrast("", "/login/*/pin/validity")
	b.look("contrast-validity", "empty")
	b.enterContrast("2031-02-30", "/login/*/pin/validity")
	b.look("contrast-validity", "no-such-date")
	b.enterContrast("2030-01-01", "/login/*/pin/validity")
	b.look("contrast-validity", "wrong-pair")
	b.enterContrast("2031-06-15", "/login/*/pin/obtain")
	b.do(b.click("#own"))
	b.look("obtain", "own")
	b.fill("#half", "Ñ1")
	b.arrive("/login/*/pin/obtain", b.activate(goOn))
	b.look("obtain", "wrong")
	b.fill("#half", "a1b2")
	b.arrive("/login/*/pin/enter", b.activate(goOn))
	if half := ask[string](b, "document.querySelector('#half').value"); half != "A1B2" {
		b.t.Errorf("the code is shown as %q", half)
	}
	b.enterPIN("", "/login/*/pin/enter")
	b.look("enter", "empty")
	b.enterPIN("A1", "/login/*/pin/enter")
	b.look("enter", "wrong-format")
	b.enterPIN(wrong(b.nthPIN(carmen().phone, 1)), "/login/*/pin/enter")
	b.look("enter", "wrong")
	b.arrive("/login/*/pin/enter", b.activate("form[action$='/again'] .button"))
	b.look("enter", "too-soon")
	b.open("/dev/inbox")
	b.look("inbox", "full")
}

func tourRefusals(b *tab) {
	refused := func(c citizen, service, state string) {
		b.tryAt(service, "", "/login/*/pin")
		path := "/login/*/pin/support"
		if c == prueba() {
			path = "/login/*/pin/validity"
		}
		b.enterDocument(c.document, path)
		b.enterContrast(c.contrast, path)
		b.look("refusal", state)
	}
	b.tryAt("/town", "", "/login/*/pin")
	b.enterDocument(anna().document, "/login/*/pin/support")
	b.look("contrast-support", "fresh")
	b.do(b.click("main summary"))
	b.look("contrast-support", "where")
	b.enterContrast("", "/login/*/pin/support")
	b.look("contrast-support", "empty")
	b.enterContrast("12", "/login/*/pin/support")
	b.look("contrast-support", "wrong-format")
	b.enterContrast("E87654321", "/login/*/pin/support")
	b.look("contrast-support", "wrong-pair")
	b.enterContrast(anna().contrast, "/login/*/pin/obtain")

	b.tryAt("/town", "", "/login/*/pin")
	b.enterDocument(dolores().document, "/login/*/pin/validity")
	b.arrive("/login/*/pin/issue", b.activate("a[href$='/pin/issue']"))
	b.look("contrast-issue", "fresh")
	b.enterContrast("2012-13-01", "/login/*/pin/issue")
	b.look("contrast-issue", "no-such-date")
	b.enterContrast(dolores().contrast, "/login/*/pin/obtain")

	refused(igor(), "/town", "not-registered")
	b.arrive("/register", b.activate(helpLink("register")))
	b.look("register", "waiting")
	refused(omar(), "/town", "withdrawn")
	refused(helene(), "/town", "phone-revoked")
	b.arrive("/register/change", b.activate(helpLink("phone")))
	b.look("register-change", "waiting")
	refused(prueba(), "/tax", "registration-unmet")
	b.arrive("/register/level", b.activate(helpLink("level")))
	b.look("register-level", "waiting")
	b.arrive("/login/*", b.activate(".waiting a"))
	b.look("chooser", "back-from-registration")
	b.stay("/login/*", b.activate("form.cancel button"))
	b.look("leave", "cancelled")
	b.arrive(b.service+"/tax/callback", b.activate("main a.button"))
	b.look("sample", "error")
}

func helpLink(to string) string { return "main a[href$='/help/" + to + "']" }

func tourLocks(b *tab) {
	b.openTown()
	b.enterDocument(prueba().document, "/login/*/pin/validity")
	for range 5 {
		b.enterContrast("2029-01-01", "/login/*/pin/validity")
	}
	b.look("locked", "pair")

	c := carmen()
	for login := 1; login <= 2; login++ {
		b.openTown()
		b.identify(c)
		b.obtain()
		bad := wrong(b.nthPIN(c.phone, login))
		for range 4 {
			b.enterPIN(bad, "/login/*/pin/enter")
		}
		if login == 1 {
			b.look("enter", "last-try")
		}
		b.enterPIN(bad, "/login/*")
		if login == 1 {
			b.look("refusal", "too-many-tries")
		}
	}
	b.openTown()
	b.identify(c)
	b.arrive("/login/*/pin/obtain", b.activate(goOn))
	b.look("locked", "method")
}

// wrong is a PIN that is well formed and not the right one.
func wrong(pin string) string {
	if pin[0] == 'A' {
		return "B" + pin[1:]
	}
	return "A" + pin[1:]
}

func tourSession(b *tab) {
	c := juan()
	b.openTown()
	login := strings.TrimSuffix(b.path(), "/pin")
	b.identify(c)
	b.obtain()
	b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
	b.stay("/login/*", b.activate(goOn))
	b.look("leave", "fresh")
	b.arrive(b.service+"/town", b.activate("main a.button"))

	b.open(login)
	b.look("over", "fresh")

	b.tryAt("/town", "prompt=consent", "/login/*/inform")
	b.look("inform", "again")
	b.arrive("", b.activate("form[action$='/other'] button"))
	b.choosePIN()
	b.look("document", "another-person")

	b.identify(c)
	b.obtain()
	b.enterPIN(b.nthPIN(c.phone, 2), "/login/*/inform")
	b.continueToTown()
	b.open("/end_session")
	b.look("end-session", "confirm")
	b.arrive("/end_session/confirm", b.activate("button[value=no]"))
	b.look("end-session", "stays")
	b.open("/help")
	b.look("help", "logged-in")
	b.arrive("/logged-out", b.activate("form[action='/logout'] button"))
	b.look("logged-out", "by-the-frame")
	b.open("/logged_out")
	b.look("logged-out", "by-the-service")
}

// The languages are folded away on a phone; the step stays when one is chosen.
func TestLanguageSwitchKeepsTheStep(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "es", width: 1280}, {language: "es", width: 320, keyboard: true}} {
		name := m.name()
		if m.keyboard {
			name += " by keyboard"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			c := carmen()
			b.openTown()
			b.enterDocument(c.document, "/login/*/pin/validity")
			b.choose("eu", "/login/*/pin/validity")
			b.look("contrast-validity", "switched")
			b.enterContrast("2030-01-01", "/login/*/pin/validity")
			b.choose("gl", "/login/*/pin/validity")
			b.enterContrast(c.contrast, "/login/*/pin/obtain")
			b.obtain()
			b.enterPIN(wrong(b.nthPIN(c.phone, 1)), "/login/*/pin/enter")
			b.choose("ca-valencia", "/login/*/pin/enter")
			b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
			b.choose("en", "/login/*/inform")
			b.look("inform", "switched")
			b.continueToTown()
		})
	}
}

// choose switches the language on whatever page is shown.
func (b *tab) choose(language, page string) {
	b.t.Helper()
	button := "button[lang='" + language + "']"
	const fold = ".languages summary"
	if ask[bool](b, "document.querySelector("+quote(fold)+").checkVisibility()") {
		if b.keyboard {
			b.tabTo(fold)
			b.do(press(kb.Enter))
		} else {
			b.do(b.click(fold))
		}
		b.shoot("languages", "unfolded")
	}
	b.language = language
	b.arrive(page, b.activate(button))
}
