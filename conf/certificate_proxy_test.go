package conf

import (
	"io/fs"
	"strings"
	"testing"
)

// behind are settings with a proxy that does the TLS.
const behind = good + `
certificate:
  host: https://*.certificado.clave.example
  listen: 127.0.0.1:8443
  authorities: [/authorities]
  proxy:
    networks: [10.0.0.5/32, "fd00::5/128"]
    secret_file: /proxy.secret
    former_secret_file: /proxy.former
`

func behindShelf(t *testing.T) shelf {
	t.Helper()
	s := mutualShelf(t)
	s["/proxy.secret"], s["/proxy.former"] = strings.Repeat("new", 12)+"\n", strings.Repeat("old", 12)
	s["/short"], s["/spaces"], s["/empty"] = strings.Repeat("x", 31), strings.Repeat("two words ", 9), " \n"
	return s
}

func TestAProxyThatDoesTheTLSIsRead(t *testing.T) {
	t.Parallel()
	c, err := read("f", []byte(behind), noEnvironment, behindShelf(t), noon)
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := c.Certificate.Proxy.secrets(behindShelf(t))
	if err != nil || len(secrets) != 2 || string(secrets[0]) != strings.Repeat("new", 12) || !c.Certificate.Proxy.Used() {
		t.Errorf("got %d secrets, %v", len(secrets), err)
	}
	if direct, err := read("f", []byte(mutual), noEnvironment, mutualShelf(t), noon); err != nil || direct.Certificate.Proxy.Used() {
		t.Errorf("a node that does the TLS itself: %v", err)
	}
	one := CertificateProxy{SecretFile: "/proxy.secret"}
	if secrets, err = one.secrets(behindShelf(t)); err != nil || len(secrets) != 1 {
		t.Errorf("got %d secrets, %v", len(secrets), err)
	}
	if _, err = (CertificateProxy{}).secrets(behindShelf(t)); err == nil {
		t.Error("nothing is a secret")
	}
}

func TestMistakesOfAProxyThatDoesTheTLS(t *testing.T) {
	t.Parallel()
	change := func(from, to string) string {
		text := strings.Replace(behind, from, to, 1)
		if text == behind {
			t.Fatalf("%q is not there", from)
		}
		return text
	}
	const listen = "  listen: 127.0.0.1:8443\n"
	for _, tc := range []struct{ name, text, want string }{
		{"TLS here and there", change(listen, listen+"  server_certificate: /mutual.pem\n  server_key: /mutual.key\n"), "f:18: certificate.server_certificate: is the matter of the proxy"},
		{"the version of TLS", change(listen, listen+"  highest_tls: 1.2\n"), "f:18: certificate.highest_tls: is the matter of the proxy"},
		{"on all addresses", change("127.0.0.1:8443", ":8443"), "f:17: certificate.listen: is reached from outside"},
		{"on a public address", change("127.0.0.1:8443", "203.0.113.5:8443"), "f:17: certificate.listen: is reached from outside"},
		{"the method is off", change("  host: https://*.certificado.clave.example\n", ""), "f:18: certificate.proxy: is for the method certificate"},
		{"no networks", change("    networks: [10.0.0.5/32, \"fd00::5/128\"]\n", ""), "f:19: certificate.proxy.networks: is missing"},
		{"everybody", change("10.0.0.5/32", "0.0.0.0/0"), "f:20: certificate.proxy.networks[0]: is every address there is"},
		{"IPv4 written as IPv6", change("10.0.0.5/32", "\"::ffff:10.0.0.5/128\""), "f:20: certificate.proxy.networks[0]: is written otherwise"},
		{"no network", change("10.0.0.5/32", "proxy.example"), "f:20: certificate.proxy.networks[0]"},
		{"a proxy that is not trusted", change("10.0.0.5/32", "10.0.1.5/32"), "f:20: certificate.proxy.networks[0]: is not among server.trusted_proxies"},
		{"more than is trusted", change("10.0.0.5/32", "10.0.0.0/16"), "f:20: certificate.proxy.networks[0]: is not among server.trusted_proxies"},
		{"no secret", change("    secret_file: /proxy.secret\n", ""), "f:19: certificate.proxy.secret_file: is missing"},
		{"a secret that is not there", change("/proxy.secret", "/nowhere"), "f:21: certificate.proxy.secret_file: cannot be read"},
		{"a short secret", change("/proxy.secret", "/short"), "f:21: certificate.proxy.secret_file: wants 32 characters or more"},
		{"a secret with spaces", change("/proxy.secret", "/spaces"), "f:21: certificate.proxy.secret_file: wants 32 characters or more"},
		{"an empty secret", change("/proxy.secret", "/empty"), "f:21: certificate.proxy.secret_file: is an empty file"},
		{"a short former secret", change("/proxy.former", "/short"), "f:22: certificate.proxy.former_secret_file: wants 32 characters or more"},
		{"the same secret twice", change("/proxy.former", "/proxy.secret"), "f:22: certificate.proxy.former_secret_file: holds the same secret"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := read("f", []byte(tc.text), noEnvironment, behindShelf(t), noon)
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got %v, want %s", err, tc.want)
			}
		})
	}
}

// exposed is a shelf whose files everybody may read.
type exposed struct{ shelf }

func (exposed) mode(string) (fs.FileMode, error) { return 0o644, nil }

func TestASecretThatEverybodyReadsIsNone(t *testing.T) {
	t.Parallel()
	_, err := read("f", []byte(behind), noEnvironment, exposed{behindShelf(t)}, noon)
	if err == nil || !strings.Contains(err.Error(), "certificate.proxy.secret_file: can be read by everybody") {
		t.Errorf("got %v", err)
	}
}
