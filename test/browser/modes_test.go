package browser

import (
	"os"
	"path/filepath"
	"testing"
)

func TestLoginInTheDark(t *testing.T) {
	t.Parallel()
	for _, m := range []manner{{language: "es", width: 320, dark: true}, {language: "en", width: 1280, dark: true}} {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			walkWithErrors(newTab(t, startSandbox(t), m), carmen(), "dark")
		})
	}
}

// Forced colours: axe knows the colours of the page, not those of the system, and
// leaves contrast alone; the pictures are for people.
func TestLoginInForcedColours(t *testing.T) {
	t.Parallel()
	walkWithErrors(newTab(t, startSandbox(t), manner{language: "es", width: 320, forced: true}), carmen(), "forced")
}

// walkWithErrors is the walk with a mistake on each page that takes one.
func walkWithErrors(b *tab, c citizen, state string) {
	b.t.Helper()
	b.openTown()
	b.enterDocument("", "/login/*/pin")
	b.look("document", state)
	b.enterDocument(c.document, "/login/*/pin/validity")
	b.do(b.click("main summary"))
	b.look("contrast-validity", state+"-where")
	b.enterContrast("2001-01-01", "/login/*/pin/validity")
	b.look("contrast-validity", state)
	b.enterContrast(c.contrast, "/login/*/pin/obtain")
	b.do(b.click("#own"))
	b.look("obtain", state)
	b.fill("#half", "ABCD")
	b.obtain()
	pin := b.nthPIN(c.phone, 1)
	b.enterPIN(wrong(pin), "/login/*/pin/enter")
	b.look("enter", state)
	b.enterPIN(pin, "/login/*/inform")
	b.look("inform", state)
	if b.width < 600 {
		b.do(b.click(".languages summary"))
		b.look("inform", state+"-languages")
		b.do(b.click(".languages summary"))
	}
	b.continueToTown()
	b.look("sample", state)
}

// longNames is a relying party whose name is as long as it may be: 100 characters.
const longNames = `
- id: long
  name:
    es: Consejería de Transparencia, Participación Ciudadana y Administraciones Públicas de la Comunidad A
    eu: Gobernantza Publikoaren eta Administrazio Elektronikoaren Herritarrentzako Zerbitzuen Sailburuordetz
    en: Department for Transparency, Citizen Participation, Sustainable Development and Administrations
  organisation: {nif: S4833001C, dir3: A16003011}
  sector: long
  minimum_level: substantial
  minimum_registration: advanced
  methods: [pin]
  sso: ask
  attributes: [given_name, family_name, first_surname, second_surname, birthdate, document_number, document_kind]
  oidc:
    - client_id: long-names
      token_endpoint_auth_method: none
      loopback_redirects: true
      grant_types: [authorization_code]
      scope: openid profile document
      id_token_signed_response_alg: ES256
      pkce: required
`

// Six languages on the narrowest phone, at a service with a long name, with the
// longest texts: nothing is cut off, and the question stays on the first screen.
func TestEveryLanguageFitsAPhone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "long.yaml")
	if err := os.WriteFile(file, []byte(longNames), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, language := range []string{"es", "ca", "gl", "eu", "ca-valencia", "en"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			s, p, c := startSandbox(t, file), newParty(t), anna()
			b := newTab(t, s, manner{language: language, width: 320}, p.URL)
			glance := func(page, state string) {
				t.Helper()
				b.shoot(page, state)
				b.measure(page, state)
			}
			before := b.place()
			b.open(p.authorizeAs(s.issuer, "long-names", "openid profile document"))
			b.await("/login/*/pin", before.visits)
			glance("document", "long")
			b.enterDocument(c.document, "/login/*/pin/support")
			b.enterContrast("E00000000", "/login/*/pin/support")
			glance("contrast-support", "long")
			b.do(b.click("main summary"))
			b.shoot("contrast-support", "long-where")
			b.enterContrast(c.contrast, "/login/*/pin/obtain")
			b.do(b.click("#own"))
			glance("obtain", "long")
			b.fill("#half", "ABCD")
			b.obtain()
			pin := b.nthPIN(c.phone, 1)
			b.enterPIN(wrong(pin), "/login/*/pin/enter")
			glance("enter", "long")
			b.enterPIN(pin, "/login/*/inform")
			glance("inform", "long")
			b.stay("/login/*", b.activate(goOn))
			glance("post", "long")
			b.arrive(p.URL+"/callback", b.activate(goOn))
			for _, page := range []string{"help", "legal", "accessibility", "cookies", "sitemap"} {
				b.open("/" + page)
				glance(page, "narrow")
			}
			b.open("/")
			glance("home", "narrow")
		})
	}
}

// Text twice as large, as a person with weak eyes sets it (WCAG 1.4.4).
func TestTextTwiceAsLarge(t *testing.T) {
	t.Parallel()
	s := startSandbox(t)
	for _, width := range []int64{320, 1280} {
		b := newTab(t, s, manner{language: "es", width: width})
		b.openTown()
		ask[bool](b, "(document.documentElement.style.setProperty('font-size', '200%'), true)")
		b.shoot("document", "large-text")
		if l := ask[layout](b, "("+layoutScript+")()"); l.Content > float64(width) {
			t.Errorf("with text twice as large the page is %v px wide: %v", l.Content, l.Wide)
		}
	}
}
