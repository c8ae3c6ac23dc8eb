package browser

import (
	"strings"
	"testing"
)

// Buttons of a logout and of sample services.
const (
	serviceLogin  = "main p a.button[href$='/login']"
	serviceLogout = "main p a.button[href$='/logout']"
	// wayBack leads from the page that says who is logged out to the service that asked.
	wayBack = "main a.button[href$='/done']"
)

// shown is what the page says.
func (b *tab) shown(texts ...string) {
	b.t.Helper()
	said := ask[string](b, "document.body.innerText")
	for _, text := range texts {
		if !strings.Contains(said, text) {
			b.photograph("lost", "reading")
			b.t.Errorf("%s does not say %q:\n%s", b.path(), text, said)
		}
	}
}

// Forms go from site to site here, with cookies that browsers keep back from such
// forms, and under policies that name where a form may go: what no client of a test
// does as a browser does.
func TestServicesWithAssertions(t *testing.T) {
	t.Parallel()
	for _, m := range everyScreen() {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			b, c := newTab(t, startSandbox(t), m), carmen()
			university, jobs := b.service+"/university", b.service+"/jobs"
			b.open(b.service)
			b.look("sample-index", "fresh")
			b.open(university)
			b.look("sample-saml", "out")
			b.arrive("/login/*", b.activate(serviceLogin))
			b.look("chooser", "saml")
			b.choosePIN()
			b.identify(c)
			b.obtain()
			b.enterPIN(b.nthPIN(c.phone, 1), "/login/*/inform")
			b.arrive(university, b.activate(goOn))
			b.look("sample-saml", "in")
			b.shown(c.document, "http://eidas.europa.eu/LoA/substantial")

			// The request goes by form now, and Cl@ve still knows the browser.
			b.travel(university+"/login?binding=post", university)
			b.shown(c.document)
			b.travel(university+"/login?class=high&comparison=better", university+"/in")
			b.look("sample-saml", "refused")
			b.shown("NoAuthnContext")
			b.open(university + "/login?acs=elsewhere")
			b.look("mistake", "saml")

			// Another service by another protocol, in the same session.
			b.travel(jobs+"/login", jobs)
			b.look("sample-clave", "in")
			b.shown(c.document, "PIN24H")
			b.travel(jobs+"/login?off=AFirmaIdP&off=AEATIdP&off=GISSIdP&off=CLVMOVILIdP&off=EIDASIdP", jobs+"/in")
			b.look("sample-clave", "refused")

			// Out of both, and of Cl@ve.
			b.open(jobs)
			b.arrive("", b.activate(serviceLogout))
			b.eventually("the way back", func() bool {
				there, err := attempt[bool](b, "document.querySelector("+quote(wayBack)+") !== null")
				return err == nil && there
			})
			b.look("logout-done", "clave")
			b.arrive(jobs, b.activate(wayBack))
			b.shown("logged out, here and at Cl@ve")
			b.look("sample-clave", "left")
			b.open(university)
			b.shown("not logged in")
			b.travel(university+"/login?passive=true", university+"/in")
			b.shown("NoPassive")
		})
	}
}

// travel types an address that leads by forms and redirects to a page.
func (b *tab) travel(address, page string) {
	b.t.Helper()
	before := b.place()
	b.open(address)
	b.await(page, before.visits)
}

func TestServicesWithAssertionsWithoutJavaScript(t *testing.T) {
	t.Parallel()
	b, c := newTab(t, startSandbox(t), manner{language: "en", width: 320, noScript: true}), juan()
	jobs := b.service + "/jobs"
	b.open(jobs)
	b.arrive(jobs+"/login", b.activate(serviceLogin))
	b.look("sample-leave", "noscript")
	b.arrive("/login/*", b.activate(goOn))
	b.choosePIN()
	b.identify(c)
	b.obtain()
	b.enterPIN(b.nthPIN(c.phone, 1), "/login/*")
	b.look("post", "dialect-noscript")
	b.arrive(jobs, b.activate(goOn))
	b.shown(c.document)
	b.arrive(jobs+"/logout", b.activate(serviceLogout))
	b.arrive("", b.activate(goOn))
	b.arrive(jobs, b.activate(goOn))
	b.shown("logged out, here and at Cl@ve")
}
