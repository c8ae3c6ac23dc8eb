package saml_test

import (
	"encoding/base64"
	"flag"
	"html"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clave/broker"
	"clave/internal/saml2"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What is new in each message, and the keys of the tests, which are made anew.
var (
	goldenSignature   = regexp.MustCompile(`<ds:Signature [^>]*>.*?</ds:Signature>`)
	goldenCertificate = regexp.MustCompile(`(<ds:X509Certificate>)[^<]*`)
	goldenID          = regexp.MustCompile(` ((?:ID|InResponseTo)="_)[^"]{20,}"`)
)

// golden compares what services read with what was reviewed.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = goldenSignature.ReplaceAllString(got, "<ds:Signature>…</ds:Signature>")
	got = goldenCertificate.ReplaceAllString(got, "$1…")
	got = goldenID.ReplaceAllString(got, ` $1…"`)
	got = strings.ReplaceAll(got, "><", ">\n<") + "\n" // one part a line, so that differences can be read
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, string(want)); diff != "" {
		t.Errorf("%s (-got +want)\n%s", name, diff)
	}
}

// postedText is the message that a page posts.
func (w *world) postedText(got *http.Response) string {
	w.t.Helper()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range hidden.FindAllSubmatch(body, -1) {
		if name := string(f[1]); name == saml2.FieldRequest || name == saml2.FieldResponse {
			text, err := base64.StdEncoding.DecodeString(html.UnescapeString(string(f[2])))
			if err != nil {
				w.t.Fatal(err)
			}
			return string(text)
		}
	}
	w.t.Fatalf("nothing is posted: %s", body)
	return ""
}

func TestWhatServicesReadStaysAsItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	golden(t, "metadata.xml", w.metadata())

	g := w.loggedIn(sloService(saml2.BindingPost))
	w.redirect(w.request(func(r *saml2.AuthnRequest) { r.ID = "_request-1" }), townSigner())
	req := w.opened()
	golden(t, "refusal.xml", w.postedText(w.refused(req, broker.Cancelled)))
	golden(t, "response.xml", w.postedText(w.answered(req)))

	golden(t, "logout_request.xml", w.postedText(w.tell("one", w.seats.all[0])))
	after := w.started(saml2.BindingRedirect, w.goodbye(g, func(r *saml2.LogoutRequest) { r.ID = "_request-2" }), townSigner())
	golden(t, "logout_response.xml", w.postedText(w.loggedOut(after, true, broker.ByPage)))
	w.seats.session = ""
	golden(t, "logout_response_partial.xml", w.postedText(w.loggedOut(after, false, broker.ByPage)))
}
