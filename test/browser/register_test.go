package browser

import (
	"strings"
	"testing"
)

// The public front door of registration, in every state.
func TestFrontDoor(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320}, {language: "en", width: 1280}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			for _, page := range []string{"", "/change", "/level", "/withdraw", "/questions", "/phones"} {
				b.open("/register" + page)
				b.look("register"+strings.ReplaceAll(page, "/", "-"), "fresh")
			}
			tourGuide(b)
			tourOffices(b)
		})
	}
}

func tourGuide(b *tab) {
	b.t.Helper()
	next := func(answer, state string) {
		b.t.Helper()
		if answer != "" {
			b.do(b.click("label[for=" + answer + "]"))
		}
		b.arrive("/register/guide", b.activate(goOn))
		b.look("guide", state)
	}
	b.open("/register")
	b.arrive("/register/guide", b.activate("main a[href='/register/guide']"))
	b.look("guide", "certificate")
	next("", "missed")
	next("certificate-no", "icon")
	next("icon-unsure", "office")
	next("office-yes", "advice-office")
	b.arrive("/register/guide", b.activate("main .link-list li:first-child a")) // back to the last question
	if chosen := ask[int](b, "document.querySelectorAll('input[type=radio]:checked').length"); chosen != 0 {
		b.t.Error("an answer was chosen for the citizen")
	}
	next("office-no", "advice-from-home")
}

func tourOffices(b *tab) {
	b.t.Helper()
	search := func(typed, state string) {
		b.t.Helper()
		b.fill("#q", typed)
		b.arrive("/offices", b.activate(goOn))
		b.look("offices", state)
	}
	b.open("/offices")
	b.look("offices", "fresh")
	search("28013", "postal-code")
	b.arrive("/offices", b.activate("a[rel=next]"))
	b.look("offices", "next-page")
	search("coruna", "place")
	search("Marte", "none")
	b.arrive("/offices", b.activate("main .provinces li:first-child a"))
	b.look("offices", "province")
}

// Without JavaScript, and with the keyboard alone.
func TestFrontDoorByOtherMeans(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]manner{
		"without scripts": {language: "es", width: 320, noScript: true},
		"by keyboard":     {language: "en", width: 1280, keyboard: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, startSandbox(t), m)
			tourGuide(b)
			tourOffices(b)
		})
	}
}

// Who comes from a login is led back to it, in its language, on every page.
func TestFrontDoorLeadsBackToTheLogin(t *testing.T) {
	t.Parallel()
	b := newTab(t, startSandbox(t), manner{language: "en", width: 320})
	b.language = "gl" // which the service asks for
	b.tryAt("/town", "ui_locales=gl", "/login/*/pin")
	b.arrive("/register", b.activate(helpLink("register")))
	b.look("register", "waiting-in-galician")
	b.arrive("/register/guide", b.activate("main a[href='/register/guide']"))
	b.choose("eu", "/register/guide") // for this login
	b.look("guide", "waiting")
	b.open("/offices?q=28001")
	b.arrive("", b.activate(".waiting a"))
	b.choosePIN()
	b.look("document", "back-from-registration")
	c := carmen()
	b.identify(c)
	b.obtain()
	b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
	b.continueToTown()
	b.open("/register")
	if ask[bool](b, "document.querySelector('.waiting') !== null") {
		t.Error("a login that is over still waits")
	}
}

// Six languages on the narrowest phone.
func TestFrontDoorFitsAPhone(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	for _, language := range []string{"ca", "gl", "eu", "ca-valencia"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, s, manner{language: language, width: 320})
			for path, name := range map[string]string{
				"/register": "register", "/register/change": "register-change", "/register/level": "register-level",
				"/register/withdraw": "register-withdraw", "/register/questions": "register-questions", "/register/phones": "register-phones",
				"/register/guide?certificate=no": "guide", "/register/guide?certificate=no&icon=no&office=yes": "guide-advice",
				"/offices": "offices", "/offices?q=08001": "offices-found",
			} {
				b.open(path)
				b.shoot(name, "narrow")
				b.measure(name, "narrow")
			}
		})
	}
}
