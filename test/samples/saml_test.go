package samples

import (
	"slices"
	"strings"
	"testing"
)

func TestSAMLServiceLogsInAndAgain(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open("/university")
	b.shows(200, "You are not logged in", "by SAML 2.0")
	b.follow("/university/login")
	b.logIn(carmen())
	b.shows(200, "Example University")
	b.agree()
	b.shows(200, "Welcome to Example University", "Carmen", "Ejemplar Muestra", "12345678Z",
		"http://eidas.europa.eu/LoA/", "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", "EncryptedAssertion true")
	if !slices.Contains(b.visited, lab.services+"/university/acs") {
		t.Errorf("the answer was not posted: %q", b.visited)
	}

	// The session is Cl@ve's: another login needs nothing, whatever the binding.
	b.open("/university/login?binding=post")
	b.shows(200, "Welcome to Example University")
	b.open("/university/login?passive=true&binding=post")
	b.shows(200, "Welcome to Example University")
	b.open("/university/login?class=low&comparison=exact")
	b.shows(200, "Welcome to Example University", "http://eidas.europa.eu/LoA/low")
	b.open("/university/login?name=transient")
	b.shows(200, "nameid-format:transient")
	b.open("/university/login?force=true")
	if !strings.HasPrefix(b.page.address.Path, "/login/") {
		t.Errorf("nothing has to be proven again: %s", b.page.address)
	}
}

func TestSAMLServiceShowsRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, query string
		want        []string
	}{
		{"silently without a session", "passive=true", []string{"NoPassive", "urn:oasis:names:tc:SAML:2.0:status:Responder"}},
		{"better than the best", "class=high&comparison=better", []string{"NoAuthnContext", "there is nothing better"}},
		{"a name that is not offered", "name=email", []string{"InvalidNameIDPolicy", "ask for persistent"}},
		{"a name that is not offered, by form", "name=email&binding=post", []string{"InvalidNameIDPolicy"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t)
			b.open("/university/login?" + tc.query)
			b.shows(200, append(tc.want, "The login did not succeed")...)
		})
	}
	t.Run("the citizen goes back", func(t *testing.T) {
		t.Parallel()
		b := newBrowser(t)
		b.open("/university/login")
		b.submit("/leave")
		b.shows(200, "The login did not succeed", "AuthnFailed")
	})
	for _, query := range []string{"acs=elsewhere", "unsigned=true", "unsigned=true&binding=post"} {
		t.Run("a page for "+query, func(t *testing.T) {
			t.Parallel()
			b := newBrowser(t)
			b.open("/university/login?" + query)
			b.shows(400)
			if !strings.HasPrefix(b.page.address.String(), lab.issuer) {
				t.Errorf("the browser was sent to %s", b.page.address)
			}
		})
	}
}

// forged is a success that nobody signed.
const forged = "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wiIElEPSJfMSIgVmVyc2lvbj0iMi4wIj48c2FtbHA6U3RhdHVzPjxzYW1scDpTdGF0dXNDb2RlIFZhbHVlPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6c3RhdHVzOlN1Y2Nlc3MiLz48L3NhbWxwOlN0YXR1cz48L3NhbWxwOlJlc3BvbnNlPg=="

func TestSAMLServiceTakesNothingForged(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open("/university/login")
	for name, fields := range map[string][]string{
		"nothing":           {"RelayState", "x"},
		"no XML":            {"SAMLResponse", "aGVsbG8="},
		"a response of his": {"SAMLResponse", forged},
	} {
		b.travel(b.request("POST", lab.services+"/university/acs", values(fields)))
		b.shows(400, "The service does not take this message")
		if b.open("/university"); !strings.Contains(b.page.text, "not logged in") {
			t.Errorf("%s logs in", name)
		}
	}
	b.open("/university/in?answer=x")
	b.shows(400, "does not belong to a login of this browser")
}

func TestSAMLServiceLogsOut(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open("/university/login?login_hint=test:99999972C")
	b.shows(200, "Welcome to Example University", "99999972C")
	b.open("/university")
	b.follow("/university/logout")
	b.shows(200, "You are logged out, here and at Cl@ve")
	b.open("/university/login?passive=true")
	b.shows(200, "NoPassive")
}

func TestALogoutTakesTheOtherServiceAlong(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	b.open("/university/login?login_hint=test:00000008P:movil")
	b.shows(200, "Welcome to Example University")
	b.open("/jobs/login")
	b.shows(200, "Welcome to Example Employment Service", "00000008P")
	b.follow("/jobs/logout")
	b.shows(200, "Your sessions are closed")
	b.open("/university")
	b.shows(200, "You are not logged in")
}
