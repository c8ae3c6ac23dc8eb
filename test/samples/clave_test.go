package samples

import (
	"strings"
	"testing"
)

func TestServiceOfTheDialectLogsInAndOut(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open("/jobs")
	b.shows(200, "You are not logged in", "by Cl@ve 2")
	b.follow("/jobs/login")
	b.logIn(juan())
	b.shows(200, "Welcome to Example Employment Service", "NameID 99999999R", "PersonIdentifier 99999999R", "FirstName Juan",
		"FamilyName Español Español", "FirstSurname Español", "SelectedIdP PIN24H", "http://eidas.europa.eu/LoA/")

	// The session is Cl@ve's, and each request is answered in its own way.
	b.open("/jobs/login?level=substantial&register=true")
	b.shows(200, "http://eidas.europa.eu/LoA/substantial", "RegisterType AVANZADO")
	b.open("/jobs/login?sloppy=true&passive=true")
	b.shows(200, "Welcome to Example Employment Service")
	b.open("/jobs/login?force=true")
	if !strings.HasPrefix(b.page.address.Path, "/login/") {
		t.Errorf("nothing has to be proven again: %s", b.page.address.Path)
	}

	b.open("/jobs")
	b.follow("/jobs/logout")
	b.shows(200, "You are logged out, here and at Cl@ve")
	b.open("/jobs/login?passive=true")
	b.shows(200, "NoPassive")
}

func TestServiceOfTheDialectLogsInWithoutHands(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open("/jobs/login?login_hint=test:99999972C")
	b.shows(200, "Welcome to Example Employment Service", "PersonIdentifier 99999972C", "SelectedIdP AFIRMA",
		"PartialAfirma NIFResponsable 99999972C", "PartialAfirma idEmisor")
}

func TestServiceOfTheDialectShowsRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, query string
		want        []string
	}{
		{"silently without a session", "passive=true", []string{"NoPassive", "urn:oasis:names:tc:SAML:2.0:status:Responder"}},
		{"no method left", "off=AFirmaIdP&off=AEATIdP&off=GISSIdP&off=CLVMOVILIdP&off=EIDASIdP", []string{"RequestDenied", "every method off"}},
		{"a citizen who cannot reach the level", "level=high&login_hint=test:00000000T:pin", []string{"NoAuthnContext"}},
		{"somebody unknown", "login_hint=test:00000023T", []string{"AuthnFailed"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t)
			b.open("/jobs/login?" + tc.query)
			b.shows(200, append(tc.want, "The login did not succeed")...)
		})
	}
	for _, query := range []string{"acs=elsewhere", "unsigned=true"} {
		t.Run("a page for "+query, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t)
			b.open("/jobs/login?" + query)
			b.shows(400)
			if !strings.HasPrefix(b.page.address.String(), lab.issuer) {
				t.Errorf("the browser was sent to %s", b.page.address)
			}
		})
	}
	t.Run("forged answers", func(t *testing.T) {
		t.Parallel()
		b := newBrowser(t)
		b.open("/jobs/login")
		for _, fields := range [][]string{{"RelayState", "x"}, {"SAMLResponse", forged}} {
			b.travel(b.request("POST", lab.services+"/jobs/return", values(fields)))
			b.shows(400, "The service does not take this message")
		}
		b.travel(b.request("POST", lab.services+"/jobs/bye", values([]string{"logoutResponse", forged})))
		b.shows(400, "The service does not take this message")
	})
}
