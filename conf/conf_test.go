package conf

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"clave/keys"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

const good = `
server:
  issuer: https://clave.example
  trusted_proxies: [10.0.0.0/24, "fd00::/8"]
  stop_timeout: 30s
database: {url: "postgres://clave@/clave"}
keys: {master_file: /master}
page:
  responsible: Ayuntamiento de Ejemplo
  telephone: 060
sms:
  carrier: smpp
  smpp: {address: "smsc:2775", system_id: clave, password_file: /secret, sender: CLAVE}
`

// shelf is a disk in memory: a name that begins with "/open" can be read by
// everybody, and one with "/folder" is a folder.
type shelf map[string]string

func (s shelf) read(name string) ([]byte, error) {
	if text, ok := s[name]; ok {
		return []byte(text), nil
	}
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

func (s shelf) mode(name string) (fs.FileMode, error) {
	if _, err := s.read(name); err != nil {
		return 0, err
	}
	switch {
	case strings.HasPrefix(name, "/open"):
		return 0o644, nil
	case strings.HasPrefix(name, "/folder-open"):
		return fs.ModeDir | 0o755, nil
	case strings.HasPrefix(name, "/folder"), strings.HasPrefix(name, "/var/spool/"):
		return fs.ModeDir | 0o750, nil
	}
	return 0o600, nil
}

func (s shelf) master(name string) (*keys.Master, error) {
	text, err := s.read(name)
	if err != nil {
		return nil, err
	}
	return keys.ParseMaster(string(text))
}

func (s shelf) authorities(names []string, _ time.Time) error {
	var problems []error
	for _, name := range names {
		if _, err := s.read(name); err != nil {
			problems = append(problems, fmt.Errorf("%s: cannot be read", name))
		}
	}
	return errors.Join(problems...)
}

func testShelf(t *testing.T) shelf {
	t.Helper()
	certificate, key := pair(t, "clave.example", noon.AddDate(1, 0, 0))
	expired, expiredKey := pair(t, "clave.example", noon.AddDate(0, 0, -1))
	return shelf{
		"/master": "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlLi4=", "/secret": "secret\n", "/open": "secret", "/empty": "\n",
		"/short": "AAAA", "/long": "123456789", "/database": "postgres://clave:pass@db/clave\n", "/junk": "junk",
		"/tls.pem": certificate, "/tls.key": key, "/expired.pem": expired, "/expired.key": expiredKey,
	}
}

func pair(t *testing.T, host string, until time.Time) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host},
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func noEnvironment(string) string { return "" }

func TestGoodSettingsAreRead(t *testing.T) {
	t.Parallel()
	c, err := read("f", []byte(good), noEnvironment, testShelf(t), noon)
	if err != nil {
		t.Fatal(err)
	}
	if c.Server.StopTimeout != 30*time.Second || c.Server.DrainDelay != 5*time.Second || c.Server.TrustedProxies[1].Bits() != 8 ||
		c.Page.Telephone != "060" || c.Server.Host() != "clave.example" || c.Page.Zone().String() != "Europe/Madrid" {
		t.Errorf("got %+v", c)
	}
	settings, err := c.SMS.SMPP.settings(testShelf(t))
	if err != nil || settings.Password != "secret" || settings.Source.TON != 5 {
		t.Errorf("got %v, %+v", err, settings)
	}
}

func TestTheEnvironmentReplacesTheDatabaseAndTheMasterKey(t *testing.T) {
	t.Parallel()
	env := map[string]string{"CLAVE_DATABASE": "postgres://clave:pass@other/clave", "CLAVE_MASTER_KEY_FILE": "/other"}
	shelf := testShelf(t)
	shelf["/other"] = shelf["/master"]
	delete(shelf, "/master")
	c, err := read("f", []byte(good), func(name string) string { return env[name] }, shelf, noon)
	if err != nil {
		t.Fatal(err)
	}
	if c.Database.URL != env["CLAVE_DATABASE"] || c.Keys.MasterFile != "/other" {
		t.Errorf("got %+v, %+v", c.Database, c.Keys)
	}
}

func TestEachMistakeIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, replace, with, want string }{
		{"an unknown section", "sms:", "smss:", "f:11: unknown field \"smss\"; did you mean \"sms\"?\nf:2: sms.carrier: is missing; give smpp or gateway, without which nobody gets a PIN"},
		{"an unknown field", "stop_timeout", "stop_timout", `f:5: server: unknown field "stop_timout"; did you mean "stop_timeout"?`},
		{"an issuer by http", "https://clave.example", "http://clave.example", "f:3: server.issuer: is http, so that anybody on the way could take over logins; use https (a proxy in front may do the TLS), or `clave dev` for trying out"},
		{"an issuer with a path", "https://clave.example", "https://clave.example/", "f:3: server.issuer: wants https:// and a host, without path or slash at the end, as in https://clave.example"},
		{"an issuer in capitals", "https://clave.example", "https://Clave.example", "f:3: server.issuer: is written otherwise than browsers do; use small letters and leave out :443"},
		{"no issuer", "issuer: https://clave.example", "listen: :80", "f:2: server.issuer: is missing; give the address of this installation, as in https://clave.example"},
		{"a listener without port", "stop_timeout: 30s", "listen: 127.0.0.1", "f:5: server.listen: wants address and port, as in 127.0.0.1:8080, or :8080 for all addresses"},
		{"a listener by name", "stop_timeout: 30s", "listen: clave.example:80", "f:5: server.listen: wants an IP address of this machine before the port, or nothing for all addresses"},
		{"a proxy that is no network", "10.0.0.0/24", "10.0.0.1", `f:4: server.trusted_proxies[0]: netip.ParsePrefix("10.0.0.1"): no '/'`},
		{"every address as a proxy", "10.0.0.0/24", "0.0.0.0/0", "f:4: server.trusted_proxies[0]: is every address there is, so that anybody could pretend to be any other"},
		{"a duration without unit", "30s", "30", "f:5: server.stop_timeout: is not a duration; write a number with its unit, such as 30s, 10m or 12h"},
		{"a duration too long", "30s", "30h", "f:5: server.stop_timeout: wants 1s to 10m"},
		{"a certificate without key", "stop_timeout: 30s", "certificate: /tls.pem", "f:2: server: has only one of certificate and private_key; give both, or neither when a proxy does the TLS"},
		{"a certificate of another key", "stop_timeout: 30s", "certificate: /tls.pem\n  private_key: /expired.key", "f:5: server.certificate: does not fit private_key, or one of them is not PEM"},
		{"an expired certificate", "stop_timeout: 30s", "certificate: /expired.pem\n  private_key: /expired.key", "f:5: server.certificate: expired on 2026-11-20"},
		{"a certificate of another host", "https://clave.example\n", "https://other.example\n  certificate: /tls.pem\n  private_key: /tls.key\n", "f:4: server.certificate: is not for the issuer's host other.example"},
		{"no database", "url: \"postgres://clave@/clave\"", "connections: 4", "f:6: database.url: is missing; give postgres://user@host/name or sqlite:///path/file.db"},
		{"a password in the file", "clave@/", "clave:pass@/", "f:6: database.url: holds a password, which everybody who reads this file sees; put the address into a file of its own and name it in url_file"},
		{"a password in the query", "clave@/clave", "clave@/clave?password=pass", "f:6: database.url: holds a password, which everybody who reads this file sees; put the address into a file of its own and name it in url_file"},
		{"another kind of database", "postgres:", "mysql:", "f:6: database.url: wants postgres:// or sqlite:// first"},
		{"a relative SQLite file", "postgres://clave@/clave", "sqlite://clave.db", "f:6: database.url: wants three slashes and an absolute path, as in sqlite:///var/lib/clave/clave.db"},
		{"one connection", "url: \"postgres://clave@/clave\"", "url: postgres://db/clave, connections: 1", "f:6: database.connections: wants 2 to 1000"},
		{"two databases", "url: \"postgres://clave@/clave\"", "url: postgres://db/clave, url_file: /database", "f:6: database.url_file: and url are both given; keep one"},
		{"no file with the database", "url: \"postgres://clave@/clave\"", "url_file: /none", "f:6: database.url_file: cannot be read: /none: file does not exist"},
		{"no master key", "/master", "/none", "f:7: keys.master_file: open /none: file does not exist"},
		{"a NIF of nobody", "telephone: 060", "tax_number: P2807900C", "f:10: page.tax_number: is not the NIF of an organisation"},
		{"nobody to ask", "telephone: 060", `telephone: ""`, "f:10: page.telephone: and mailbox are both empty: a citizen who is stuck has nobody to ask"},
		{"nobody responsible", "responsible: Ayuntamiento de Ejemplo", "name: Clave", "f:8: page.responsible: is missing; the legal notice must say who runs the installation"},
		{"a mailbox that is none", "telephone: 060", "mailbox: clave", "f:10: page.mailbox: is not an e-mail address"},
		{"a link by http", "telephone: 060", "office_search: http://offices.example", "f:10: page.office_search: wants an https address"},
		{"a time zone of nowhere", "telephone: 060", "time_zone: Europe/Vigo", "f:10: page.time_zone: is no time zone; give one such as Europe/Madrid or Atlantic/Canary"},
		{"half accessible without saying what", "telephone: 060", "accessibility: {partial: true}", "f:10: page.accessibility.exceptions: is missing; say what is not accessible"},
		{"an unknown carrier", "carrier: smpp", "carrier: pigeon", "f:12: sms.carrier: is unknown; give smpp or gateway"},
		{"a password that everybody reads", "/secret", "/open", "f:13: sms.smpp.password_file: can be read by everybody on this machine; chmod 640 /open, and make a new secret"},
		{"an empty password", "/secret", "/empty", "f:13: sms.smpp.password_file: is an empty file"},
		{"a password too long for SMPP", "/secret", "/long", "f:13: sms.smpp: password is longer than 8 characters"},
		{"a sender too long", "CLAVE", "CLAVECLAVECLAVE", "f:13: sms.smpp: source is a name (TON 5) longer than 11 characters"},
		{"an authority without TLS", "sender: CLAVE", "certificate_authority: /tls.pem", "f:13: sms.smpp.certificate_authority: is not used without tls: true"},
		{"an authority that is none", "sender: CLAVE", "tls: true, certificate_authority: /junk", "f:13: sms.smpp.certificate_authority: holds no certificate in PEM"},
		{"mail in clear through town", "sms:", "mail: {address: 'mail.example:25', sender: a@b.example, encryption: none}\nsms:", "f:11: mail.encryption: is none, which only a mail server on this machine excuses; give starttls or tls"},
		{"mail from nobody", "sms:", "mail: {address: 'mail.example:587'}\nsms:", "f:11: mail: sender is not a bare address such as no-reply@clave.example"},
		{"half a mail account", "sms:", "mail: {address: 'mail.example:587', sender: a@b.example, username: clave}\nsms:", "f:11: mail.username: and password_file go together; give both or none"},
		{"a mail password that everybody reads", "sms:", "mail: {address: 'mail.example:587', sender: a@b.example, username: clave, password_file: /open}\nsms:", "f:11: mail.password_file: can be read by everybody on this machine; chmod 640 /open, and make a new secret"},
		{"a mail account without a server", "sms:", "mail: {sender: a@b.example}\nsms:", "f:11: mail.sender: is not used without an address"},
		{"an unknown log format", "sms:", "log: {format: xml}\nsms:", "f:11: log.format: is unknown; give json or text"},
		{"an unknown log level", "sms:", "log: {level: loud}\nsms:", "f:11: log.level: is unknown; give debug, info, warn or error"},
		{"an unknown proxy header", "stop_timeout: 30s", "proxy_header: X-Real-IP", "f:5: server.proxy_header: is unknown; give X-Forwarded-For or Forwarded"},
		{"no requests at all", "sms:", "limits: {requests_per_second: 0}\nsms:", "f:11: limits.requests_per_second: wants 1 or more; with less nobody gets in"},
		{"a burst below the rate", "sms:", "limits: {requests_burst: 10}\nsms:", "f:11: limits.requests_burst: is less than requests_per_second"},
		{"a country by its name", "sms:", "limits: {sms_countries: {PT: 5}}\nsms:", "f:11: limits.sms_countries.PT: is no calling code; write the digits without + or 00, as in 351"},
		{"home among the countries", "sms:", "limits: {sms_countries: {34: 5}}\nsms:", "f:11: limits.sms_countries.34: is home; use sms_home"},
		{"less than nothing abroad", "sms:", "limits: {sms_abroad: -1}\nsms:", "f:11: limits.sms_abroad: is negative; 0 sends nothing abroad"},
		{"no time to log in", "sms:", "lifetimes: {login: 5m}\nsms:", "f:11: lifetimes.login: wants 10m to 2h"},
		{"half minutes", "sms:", "lifetimes: {login: 10m30s}\nsms:", "f:11: lifetimes.login: wants whole minutes, because pages say them"},
		{"a session without end", "sms:", "lifetimes: {session: 48h}\nsms:", "f:11: lifetimes.session: wants 15m to 24h"},
		{"idle for longer than in all", "sms:", "lifetimes: {session: 30m}\nsms:", "f:11: lifetimes.session_idle: is more than session (30m), so that it would never count; make it less"},
		{"codes as good as passwords", "sms:", "lifetimes: {code: 1h}\nsms:", "f:11: lifetimes.code: wants 10s to 10m"},
		{"tokens for a day", "sms:", "lifetimes: {access_token: 24h, id_token: 24h}\nsms:", "f:11: lifetimes.access_token: wants 1m to 1h\nf:11: lifetimes.id_token: wants 1m to 1h"},
		{"days without their hours", "sms:", "lifetimes: {offline: 30d}\nsms:", "f:11: lifetimes.offline: is not a duration; write a number with its unit, such as 30s, 10m or 12h"},
		{"pushes to anywhere", "sms:", "movil: {enabled: true, push: {services: [push.example, '*']}}\nsms:", "f:11: movil.push.services[1]: is not a host's name in lower case, such as push.example"},
		{"nobody to turn to", "sms:", "movil: {enabled: true, push: {contact: help}}\nsms:", "f:11: movil.push.contact: is neither mailto:somebody@example nor an https address"},
		{"an endless push", "sms:", "movil: {enabled: true, push: {timeout: 1h, parallel: 5000}}\nsms:", "f:11: movil.push.parallel: is 5000; give 1 to 1000\nf:11: movil.push.timeout: wants 1s to 1m"},
		{"a trail that nobody can look into", "sms:", "audit: {keep_days: 30}\nsms:", "f:11: audit.keep_days: wants 180 to 36500, or 0 to keep everything"},
		{"a policy by http", "sms:", "oidc: {policy: 'http://a.example'}\nsms:", "f:11: oidc.policy: wants an https address"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(good, tc.replace) {
				t.Fatalf("the good settings have no %q", tc.replace)
			}
			_, err := read("f", []byte(strings.Replace(good, tc.replace, tc.with, 1)), noEnvironment, testShelf(t), noon)
			if err == nil {
				t.Fatal("got no problem")
			}
			if diff := cmp.Diff(lines(tc.want), lines(err.Error())); diff != "" {
				t.Error(diff)
			}
			if strings.Contains(err.Error(), "clave:pass") {
				t.Error("the problem tells a password")
			}
		})
	}
}

func lines(s string) map[string]int {
	m := map[string]int{}
	for line := range strings.SplitSeq(s, "\n") {
		m[line]++
	}
	return m
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := read("f", []byte(`
server: {issuer: "http://clave.example", listen: here}
database: {url: "mysql://db"}
page: {time_zone: Nowhere}
sms: {carrier: smpp, smpp: {system_id: 1234567890123456, packing: tight}}
colour: blue
`), noEnvironment, shelf{}, noon)
	want := `f:2: server.issuer: is http, so that anybody on the way could take over logins; use https (a proxy in front may do the TLS), or ` + "`clave dev`" + ` for trying out
f:2: server.listen: wants address and port, as in 127.0.0.1:8080, or :8080 for all addresses
f:2: keys.master_file: is missing; make a master key with ` + "`clave keys new-master /etc/clave/master.key`" + ` and name it here
f:3: database.url: wants postgres:// or sqlite:// first
f:4: page.responsible: is missing; the legal notice must say who runs the installation
f:4: page.time_zone: is no time zone; give one such as Europe/Madrid or Atlantic/Canary
f:5: sms.smpp: address is missing; give host:port
f:5: sms.smpp.system_id: is longer than 15 characters
f:5: sms.smpp.packing: "tight" is unknown; give unpacked or packed
f:6: unknown field "colour"; known are server, operations, database, keys, page, sms, mail, letters, certificate, permanente, movil, limits, lifetimes, oidc, audit, log`
	if err == nil {
		t.Fatal("got no problem")
	}
	if diff := cmp.Diff(want, err.Error()); diff != "" {
		t.Error(diff)
	}
}

func TestTheGateway(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/secret", []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	gateway := func(url string) string {
		return strings.Replace(good, "carrier: smpp", "carrier: gateway\n  gateway: {url: '"+url+"', secret_file: "+dir+"/secret}", 1)
	}
	shelf := testShelf(t)
	shelf[dir+"/secret"] = "secret"
	if _, err := read("f", []byte(gateway("https://sms.example/send")), noEnvironment, shelf, noon); err != nil {
		t.Error(err)
	}
	_, err := read("f", []byte(gateway("http://sms.example/send")), noEnvironment, shelf, noon)
	if err == nil || err.Error() != "f:13: sms.gateway.url: is not https: phone numbers and codes would travel in clear" {
		t.Errorf("got %v", err)
	}
}

func TestSenders(t *testing.T) {
	t.Parallel()
	for sender, want := range map[string]string{"": "0 0 ", "CLAVE": "5 0 CLAVE", "+34600000000": "1 1 34600000000", "3460": "3 1 3460"} {
		a := source(sender)
		if got := string('0'+a.TON) + " " + string('0'+a.NPI) + " " + a.Number; got != want {
			t.Errorf("%q: got %s, want %s", sender, got, want)
		}
	}
}

const exampleFile = "../docs/config.example.yaml"

func TestTheExampleInTheDocumentationIsInStep(t *testing.T) {
	t.Parallel()
	got, err := Example()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.MkdirAll("../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(exampleFile, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run go test ./conf -update and review:\n%s", diff)
	}
}

func TestTheExampleIsRight(t *testing.T) {
	t.Parallel()
	text, err := Example()
	if err != nil {
		t.Fatal(err)
	}
	shelf := testShelf(t)
	for from, to := range map[string]string{"/etc/clave/master.key": "/master", "/etc/clave/smpp-password": "/secret",
		"/etc/clave/tls.pem": "/tls.pem", "/etc/clave/tls.key": "/tls.key", "/etc/clave/smsc-ca.pem": "/tls.pem", "/etc/clave/mail-ca.pem": "/tls.pem", "/etc/clave/tsl-signer.pem": "/tls.pem", "/etc/clave/tsl-signer-next.pem": "/tls.pem", "/etc/clave/mail-password": "/secret", "/etc/clave/database-url": "/database"} {
		shelf[from] = shelf[to]
	}
	shelf["/etc/clave/certificado.pem"], shelf["/etc/clave/certificado.key"] = pair(t, "*.certificado.clave.example", noon.AddDate(1, 0, 0))
	shelf["/etc/clave/proxy-secret"], shelf["/etc/clave/proxy-secret-before"] = strings.Repeat("new", 12), strings.Repeat("old", 12)
	shelf["/etc/clave/authorities"] = "some"
	shelf["/var/spool/clave-letters"] = ""
	t.Run("as it is", func(t *testing.T) {
		t.Parallel()
		if _, err := read("example", []byte(text), noEnvironment, shelf, noon); err != nil {
			t.Error(err)
		}
	})
	all := regexp.MustCompile(`(?m)^( *)#([a-z])`).ReplaceAllString(text, "$1$2")
	all = strings.NewReplacer("partial: false", "partial: true", "tls: false", "tls: true", "  url_file:", "  #").Replace(all)
	t.Run("with all that is off in force, behind a proxy", func(t *testing.T) {
		t.Parallel()
		behind := strings.NewReplacer("  server_certificate:", "  #", "  server_key:", "  #").Replace(all)
		if _, err := read("example", []byte(behind), noEnvironment, shelf, noon); err != nil {
			t.Error(err)
		}
	})
	t.Run("with all that is off in force, and TLS of our own", func(t *testing.T) {
		t.Parallel()
		all := strings.NewReplacer("    networks:", "    #", "    secret_file: /etc/clave/proxy", "    #", "    former_secret_file:", "    #").Replace(all)
		c, err := read("example", []byte(all), noEnvironment, shelf, noon)
		if err != nil {
			t.Fatal(err)
		}
		if c.Page.Accessibility.Exceptions == "" || c.OIDC.Terms == "" {
			t.Errorf("got %+v", c)
		}
	})
}

func TestLoadSaysHowToBegin(t *testing.T) {
	t.Parallel()
	_, err := Load("/nowhere/clave.yaml", noEnvironment, noon)
	if err == nil || err.Error() != "no settings at /nowhere/clave.yaml; begin with: clave config example > /nowhere/clave.yaml" {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("server: {trusted_proxies: [::/0]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := read("f", data, noEnvironment, shelf{"/master": "c2l4dGVlbiBieXRlcyBhbmQgc2l4dGVlbiBtb3JlLi4=", "/secret": "secret"}, noon)
		if err == nil && (c.Server.Issuer == "" || !strings.HasPrefix(c.Server.Issuer, "https://")) {
			t.Errorf("accepted the issuer %q", c.Server.Issuer)
		}
	})
}
