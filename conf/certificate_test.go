package conf

import (
	"crypto/tls"
	"strings"
	"testing"

	"clave/identity"
	"clave/providers/certificate/profile"

	"github.com/google/go-cmp/cmp"
)

const mutual = good + `
certificate:
  host: https://*.certificado.clave.example
  listen: :8443
  server_certificate: /mutual.pem
  server_key: /mutual.key
  authorities: [/authorities]
  highest_tls: 1.2
`

func mutualShelf(t *testing.T) shelf {
	t.Helper()
	s := testShelf(t)
	s["/mutual.pem"], s["/mutual.key"] = pair(t, "*.certificado.clave.example", noon.AddDate(1, 0, 0))
	s["/authorities"] = "some"
	return s
}

func TestTheMethodCertificateIsRead(t *testing.T) {
	t.Parallel()
	c, err := read("f", []byte(mutual), noEnvironment, mutualShelf(t), noon)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(profile.Default(), c.Certificate.Table()); diff != "" {
		t.Errorf("the default table is another one: %s", diff)
	}
	if c.Certificate.HighestVersion() != tls.VersionTLS12 || c.Certificate.WhenUnchecked != "refuse" {
		t.Errorf("got %+v", c.Certificate)
	}
	own := mutual + "  profiles: [{organisation: Example, policy: 1.2.3, means: citizen, level: high}]\n  responders: [{organisation: Example, address: \"http://ocsp.example/\"}]\n"
	if c, err = read("f", []byte(own), noEnvironment, mutualShelf(t), noon); err != nil {
		t.Fatal(err)
	}
	want := profile.Table{{Organisation: "Example", Policy: "1.2.3", Means: profile.Citizen, Level: identity.High}}
	if diff := cmp.Diff(want, c.Certificate.Table()); diff != "" || len(c.Certificate.Fallback()) != 1 {
		t.Errorf("the table of the file is not the only one: %s", diff)
	}
}

func TestMistakesOfTheMethodCertificate(t *testing.T) {
	t.Parallel()
	more := func(text string) string { return mutual + text }
	change := func(from, to string) string { return strings.Replace(mutual, from, to, 1) }
	const host = "https://*.certificado.clave.example"
	for _, tc := range []struct{ name, text, want string }{
		{"http", change(host, "http://certificado.clave.example"), "f:16: certificate.host: wants https:// and a host"},
		{"a path", change(host, "https://certificado.clave.example/x"), "f:16: certificate.host: wants https:// and a host"},
		{"a star in the middle", change(host, "https://a.*.clave.example"), "f:16: certificate.host: wants https:// and a host"},
		{"capitals", change(host, "https://*.Certificado.clave.example"), "f:16: certificate.host: is written otherwise than browsers do"},
		{"the issuer", change(host, "https://clave.example"), "f:16: certificate.host: is the issuer"},
		{"another key's certificate", change("/mutual.pem", "/tls.pem"), "f:18: certificate.server_certificate: does not fit server_key"},
		{"no key", change("  server_key: /mutual.key\n", ""), "f:15: certificate: has no server_certificate or no server_key"},
		{"a certificate that is not for the fresh names", strings.ReplaceAll(mutual, "/mutual.", "/tls."), "f:18: certificate.server_certificate: is not for the host *.certificado.clave.example"},
		{"an old version", change("1.2", "1.1"), "f:21: certificate.highest_tls: is unknown"},
		{"no authorities", change("[/authorities]", "[]"), "f:20: certificate.authorities: is missing"},
		{"authorities that are not there", change("/authorities", "/nowhere"), "f:20: certificate.authorities: /nowhere: cannot be read"},
		{"no profiles", more("  profiles: []\n"), "f:22: certificate.profiles: is empty"},
		{"a policy that is none", more("  profiles: [{policy: 9.9, means: citizen}]\n"), "f:22: certificate.profiles[0].policy: wants an object identifier"},
		{"a meaning that is none", more("  profiles: [{policy: 1.2.3, means: person}]\n"), "f:22: certificate.profiles[0].means: is unknown"},
		{"a level that is none", more("  profiles: [{policy: 1.2.3, means: citizen, level: low}]\n"), "f:22: certificate.profiles[0].level: is unknown"},
		{"the high level for everybody", more("  profiles: [{policy: 1.2.3, means: citizen, level: high}]\n"), "f:22: certificate.profiles[0]"},
		{"an unknown answer to silence", more("  when_unchecked: maybe\n"), "f:22: certificate.when_unchecked: is unknown"},
		{"a responder of nobody", more("  responders: [{address: \"http://ocsp.example\"}]\n"), "f:22: certificate.responders[0]"},
		{"a responder without scheme", more("  responders: [{organisation: O, address: ocsp.example}]\n"), "f:22: certificate.responders[0].address: wants an address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := read("f", []byte(tc.text), noEnvironment, mutualShelf(t), noon)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}
