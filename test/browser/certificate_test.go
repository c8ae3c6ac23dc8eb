package browser

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

// policies is where Chromium looks for what an administrator decided. Without a
// policy it asks which certificate to show in a window of its own, which no program
// can press.
const (
	policies   = "/etc/chromium/policies/managed"
	policyFile = policies + "/clave-tests.json"
)

// selectCertificates lets Chromium show the sandbox's certificates without asking.
func selectCertificates(t *testing.T) {
	t.Helper()
	var rules []string
	for _, pattern := range []string{"https://127.0.0.1", "https://[*.]certificado.localhost"} {
		rule, err := json.Marshal(map[string]any{
			"pattern": pattern, "filter": map[string]any{"ISSUER": map[string]string{"CN": "Citizens of the Cl@ve sandbox"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, string(rule))
	}
	policy, err := json.Marshal(map[string][]string{"AutoSelectCertificateForUrls": rules})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(policies, 0o755); err != nil {
		t.Fatalf("making the folder of Chromium's policies: %v; make it, writable for whoever runs the tests", err)
	}
	if err := os.WriteFile(policyFile, policy, 0o644); err != nil {
		t.Fatalf("writing Chromium's policy: %v", err)
	}
}

// holder starts a Chromium of its own that trusts the sandbox's authority and has a
// citizen's certificate, or none when kind is empty.
func holder(t *testing.T, s *sandbox, kind, document string) context.Context {
	t.Helper()
	cards := newWallet(t, s)
	if kind != "" {
		cards.insert(kind, document)
	}
	return cards.browser()
}

// wallet is where a Chromium of its own finds certificates.
type wallet struct {
	s    *sandbox
	home string
}

// newWallet has no certificate but the sandbox's authority.
func newWallet(t *testing.T, s *sandbox) *wallet {
	t.Helper()
	selectCertificates(t)
	w := &wallet{s, t.TempDir()}
	if err := os.MkdirAll(w.database(), 0o700); err != nil {
		t.Fatal(err)
	}
	w.run("certutil", "-N", "--empty-password")
	w.run("certutil", "-A", "-n", "sandbox", "-t", "C,,", "-i", s.download("/dev/ca.pem"))
	return w
}

func (w *wallet) database() string { return filepath.Join(w.home, ".pki", "nssdb") }

func (w *wallet) run(name string, args ...string) string {
	w.s.t.Helper()
	out, err := exec.Command(name, append(args, "-d", "sql:"+w.database())...).CombinedOutput()
	if err != nil {
		w.s.t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

// insert adds a citizen's certificate.
func (w *wallet) insert(kind, document string) {
	w.s.t.Helper()
	w.run("pk12util", "-i", w.s.download("/dev/certificates/"+kind+"/"+document+".p12"), "-W", "clave", "-K", "")
}

// browser starts a Chromium that looks there.
func (w *wallet) browser() context.Context {
	w.s.t.Helper()
	browser, stop, err := startBrowser(filepath.Join(w.home, "profile"), chromedp.Env("HOME="+w.home))
	if err != nil {
		w.s.t.Fatal(err)
	}
	w.s.t.Cleanup(stop)
	return browser
}

// download keeps what the sandbox offers in a file.
func (s *sandbox) download(path string) string {
	s.t.Helper()
	client := http.Client{Timeout: patience}
	answer, err := client.Get(s.issuer + path)
	if err != nil {
		s.t.Fatalf("asking the sandbox: %v", err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		s.t.Fatalf("downloading %s: status %d, %v", path, answer.StatusCode, err)
	}
	name := filepath.Join(s.t.TempDir(), "file")
	if err := os.WriteFile(name, body, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return name
}

// host is the origin where the sandbox asks for certificates.
func (s *sandbox) host() string {
	s.t.Helper()
	page, err := os.ReadFile(s.download("/dev/certificates"))
	if err != nil {
		s.t.Fatal(err)
	}
	return regexp.MustCompile(`https://(127\.0\.0\.1|\*\.certificado\.localhost):[0-9]+`).FindString(string(page))
}

// With a real certificate, on a phone and on a laptop, in two languages.
func TestCertificate(t *testing.T) {
	t.Parallel()
	for _, m := range everyScreen() {
		t.Run(m.name(), func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t)
			b := openTab(t, s, m, holder(t, s, "citizen", "99999972C"), []string{s.host()})
			b.open(b.service + "/town")
			b.arrive("/login/*", b.activate(townLogin))
			b.look("chooser", "certificate")
			b.arrive("/login/*/certificate", b.activate("main a[href$='/certificate']"))
			b.look("certificate-start", "fresh")
			b.arrive("/login/*/certificate/confirm", b.activate("main a.button"))
			b.look("certificate-confirm", "fresh")
			b.arrive("/login/*/inform", b.activate(goOn))
			b.continueToTown()
			b.look("sample", "by-certificate")
		})
	}
}

func TestCertificateRefused(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		kind  string
		state string
		m     manner
	}{
		{"", "none", manner{language: "es", width: 320}},
		{"revoked", "revoked", manner{language: "en", width: 1280}},
		{"representative", "representative", manner{language: "eu", width: 320}},
		{"weak_signature", "weak", manner{language: "ca", width: 320}},
	} {
		t.Run(one.state, func(t *testing.T) {
			t.Parallel()
			s := startSandbox(t)
			b := openTab(t, s, one.m, holder(t, s, one.kind, "99999999R"), []string{s.host()})
			b.tryAt("/town", "", "/login/*")
			b.arrive("/login/*/certificate", b.activate("main a[href$='/certificate']"))
			b.arrive("/login/*/certificate/confirm", b.activate("main a.button"))
			b.look("certificate-refused", one.state)
			b.arrive("/login/*/certificate", b.activate("main a.button"))
			b.open("/dev/certificates")
			b.look("certificates", "fresh")
		})
	}
}
