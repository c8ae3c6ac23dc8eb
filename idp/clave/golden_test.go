package clave_test

import (
	"flag"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clave/broker"
	"clave/broker/registry"
	"clave/identity"
	"clave/internal/saml2"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// golden compares what others parse, but for what is random in it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	for _, random := range []struct{ pattern, instead string }{
		{`_[A-Z2-7]{26}`, "_ID"},
		{`<ds:(DigestValue|SignatureValue|X509Certificate)>[^<]*<`, "<ds:$1>…<"},
	} {
		got = regexp.MustCompile(random.pattern).ReplaceAllString(got, random.instead)
	}
	got = strings.ReplaceAll(got, "><", ">\n<") + "\n"
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

func TestAnswersStayAsTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := w.login(w.loginOf(kits()[0]))
	golden(t, "answer_pin.xml", w.finish(req).Text)
	golden(t, "answer_certificate.xml", w.finish(req, byCertificate).Text)
	golden(t, "answer_refusal.xml", w.said(w.refused(req, broker.LevelUnmet), saml2.FieldResponse).Text)
	after := w.started(w.logoutOf(kits()[0]))
	golden(t, "answer_logout.xml", w.said(w.loggedOut(after, true), saml2.FieldLogoutResponse).Text)
}

func (w *world) certificates() (*http.Response, string) {
	w.t.Helper()
	got := w.get(issuer + "/Proxy2/Certificates")
	body, err := io.ReadAll(got.Body)
	if err != nil || got.StatusCode != http.StatusOK {
		w.t.Fatalf("answered %d, %v", got.StatusCode, err)
	}
	return got, string(body)
}

func TestKeysArePublishedWithTheirStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got, text := w.certificates()
	golden(t, "certificates.xml", text)
	if got.Header.Get("Content-Type") != "application/xml; charset=utf-8" || got.Header.Get("Cache-Control") != "public, max-age=3600" {
		t.Errorf("got headers %v", got.Header)
	}
	other, next := shared().other, shared().next
	w.ring.retired, w.ring.next = &other, &next
	_, text = w.certificates()
	for state, k := range map[string]string{"active": "0000000a", "next": "0000000b", "retired": "other"} {
		if !strings.Contains(text, "<ds:KeyName>clave-"+k+"</ds:KeyName><ds:MgmtData>"+state+"</ds:MgmtData>") {
			t.Errorf("no key is %s", state)
		}
	}
	if strings.Count(text, `<KeyDescriptor use="signing">`) != 3 {
		t.Error("there are not three")
	}
}

func TestTheFirstKeyIsMadeWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ring.active = nil
	if _, text := w.certificates(); !strings.Contains(text, "<ds:MgmtData>active</ds:MgmtData>") {
		t.Error("no key is published")
	}
	w = newWorld(t)
	w.ring.active = nil
	w.finish(w.login(w.loginOf(java())))
}

func TestAServiceStaysOnTheOldKeyUntilItsDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, next := shared().ours, shared().next
	w.ring.retired, w.ring.active = &old, &next
	w.register(town(func(p *registry.RelyingParty) {
		p.Clave[0].KeyChoice = registry.KeyChoice{SigningKey: old.ID, Until: identity.Date{Year: 2026, Month: 11, Day: 21}}
	}))
	req := w.login(w.loginOf(java()))
	w.saidBy(w.refused(req, broker.Cancelled), saml2.FieldResponse, old)
	w.clock.Pass(24 * 3600e9)
	w.saidBy(w.refused(req, broker.Cancelled), saml2.FieldResponse, next)
}
