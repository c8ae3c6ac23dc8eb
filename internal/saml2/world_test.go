package saml2_test

import (
	"bytes"
	"compress/flate"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"flag"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const (
	idp     = "https://clave.example/saml/metadata"
	sso     = "https://clave.example/saml/sso"
	service = "https://town.example/saml"
	acs     = "https://town.example/saml/acs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// key reads a fixed key, so that signatures with RSA are the same each time.
func key(t testing.TB, name string) crypto.Signer {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return k.(crypto.Signer)
}

func certificate(t testing.TB, name string) *x509.Certificate {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// signer signs with a fixed key.
func signer(t testing.TB, name string) *xmlsig.Signer {
	t.Helper()
	s := &xmlsig.Signer{Key: key(t, name), Method: xmlsig.ECDSASHA256, Certificate: certificate(t, name)}
	if _, is := s.Key.(*rsa.PrivateKey); is {
		s.Method = xmlsig.RSASHA256
	}
	return s
}

// terms are those on which the service's messages are taken at noon.
func terms(t testing.TB) saml2.Terms {
	t.Helper()
	return saml2.Terms{
		Keys: []crypto.PublicKey{key(t, "service_rsa").Public()}, Issuer: service, Destinations: []string{sso},
		Now: noon, MaxAge: 5 * time.Minute, MaxSkew: time.Minute,
	}
}

// request is what a service asks for.
const request = `<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_r1" Version="2.0" IssueInstant="2026-11-22T11:59:00Z" Destination="https://clave.example/saml/sso" AssertionConsumerServiceURL="https://town.example/saml/acs" ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"><saml:Issuer>https://town.example/saml</saml:Issuer><samlp:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"/></samlp:AuthnRequest>`

// signedText signs the root of a document behind its issuer.
func signedText(t testing.TB, text string, s *xmlsig.Signer) string {
	t.Helper()
	d, err := xmlsig.Parse([]byte(text), saml2.MetadataLimits())
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	if strings.Contains(text, "Issuer>") {
		at = 1
	}
	if err := s.Sign(d.Root(), at); err != nil {
		t.Fatal(err)
	}
	out, err := xmlsig.Canonical(d.Root())
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// post is a form with a message.
func post(text string) url.Values {
	return url.Values{saml2.FieldRequest: {base64.StdEncoding.EncodeToString([]byte(text))}, saml2.FieldRelayState: {"state"}}
}

// packed is a message as a query has it, before it is escaped.
func packed(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// redirect is a query with a message.
func redirect(t testing.TB, text, relayState string, s *xmlsig.Signer) string {
	t.Helper()
	at, err := saml2.RedirectURL(sso, saml2.FieldRequest, []byte(text), relayState, s)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(at, sso+"?")
}

func readPost(form url.Values, t saml2.Terms) (*saml2.AuthnRequest, error) {
	in, err := saml2.ReadPost(form, saml2.MessageLimits(), saml2.FieldRequest, saml2.FieldLogoutRequest)
	if err != nil {
		return nil, err
	}
	return in.AuthnRequest(t)
}

func readRedirect(query string, t saml2.Terms) (*saml2.AuthnRequest, error) {
	in, err := saml2.ReadRedirect(query, saml2.MessageLimits(), saml2.FieldRequest)
	if err != nil {
		return nil, err
	}
	return in.AuthnRequest(t)
}

// golden compares with a file.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	// One part a line, so that differences can be read.
	lines := append(bytes.ReplaceAll(got, []byte("><"), []byte(">\n<")), '\n')
	if *update {
		if err := os.WriteFile(path, lines, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(lines), string(want)); diff != "" {
		t.Errorf("%s (-got +want)\n%s", name, diff)
	}
}

// folder keeps files for other programs.
type folder struct {
	t   testing.TB
	dir string
}

func newFolder(t testing.TB) folder {
	t.Helper()
	return folder{t, t.TempDir()}
}

func (f folder) file(name string, data []byte) string {
	f.t.Helper()
	path := filepath.Join(f.dir, name)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		f.t.Fatal(err)
	}
	return path
}

// run runs a program that everybody compares with; make test installs them.
func (f folder) run(program string, args ...string) (string, error) {
	f.t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		f.t.Fatalf("%s is missing; `make test` installs it", program)
	}
	out, err := exec.CommandContext(f.t.Context(), path, args...).CombinedOutput()
	return string(out), err
}
