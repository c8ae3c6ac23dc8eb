package e2e

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/beevik/etree"
	stock "github.com/crewjam/saml"
)

var inResponseTo = regexp.MustCompile(`^<[^>]* InResponseTo="([^"]*)"`)

// samlArrived takes a response that the browser posts to a service.
func (w *world) samlArrived(r request) bool {
	for _, s := range w.services {
		to := r.address.String()
		if to != s.acs() && to != s.second() {
			continue
		}
		a := &attempt{party: party{id: s.name}, browser: w.browser, saml: &samlAttempt{service: s, acs: s.acs()}}
		text, err := base64.StdEncoding.DecodeString(r.form.Get(saml2.FieldResponse))
		if id := inResponseTo.FindSubmatch(text); err == nil && id != nil && w.attempts[string(id[1])] != nil {
			a = w.attempts[string(id[1])]
		}
		a.answer, a.posted, a.saml.came = r.form, true, to
		w.arrival, w.attempt = a, a
		w.browser.tab.page = nil
		return true
	}
	return false
}

// samlHome takes a browser that comes to the front page of a service.
func (w *world) samlHome(r request) bool {
	for _, s := range w.services {
		if to := "https://" + s.name + ".example/"; r.method == http.MethodGet && r.address.String() == to {
			a := &attempt{party: party{id: s.name}, browser: w.browser, saml: &samlAttempt{service: s, came: to}}
			w.arrival, w.attempt = a, a
			w.browser.tab.page = nil
			return true
		}
	}
	return false
}

// signatures are left out where people read responses.
var signatures = regexp.MustCompile(`<ds:Signature .*?</ds:Signature>`)

// text is the response as it came.
func (a *attempt) text() []byte {
	text, _ := base64.StdEncoding.DecodeString(a.answer.Get(saml2.FieldResponse)) // none is empty
	return text
}

// samlResponse checks the response of the last step as services must, whether it has an
// assertion or not: it is for them, signed, and answers what they asked.
func (w *world) samlResponse() (*attempt, *etree.Element, error) {
	a := w.arrival
	switch {
	case a == nil || a.saml == nil:
		return nil, nil, errors.New("the browser is not at a service that speaks SAML")
	case a.browser != w.browser:
		return nil, nil, errors.New("the answer came to another browser than the one that began the login")
	case a.answer.Get(saml2.FieldRelayState) != a.saml.relay || a.answer.Has(saml2.FieldRelayState) != (a.saml.relay != ""):
		return nil, nil, fmt.Errorf("RelayState is %q, not %q", a.answer.Get(saml2.FieldRelayState), a.saml.relay)
	case a.saml.came != a.saml.acs:
		return nil, nil, fmt.Errorf("it came to %s, not to %s", a.saml.came, a.saml.acs)
	}
	certificates, err := w.trusted(a.saml.service)
	if err != nil {
		return nil, nil, err
	}
	d, err := xmlsig.Parse(a.text(), saml2.MessageLimits())
	if err != nil {
		return nil, nil, err
	}
	var keys []crypto.PublicKey
	for _, c := range certificates {
		keys = append(keys, c.PublicKey)
	}
	signed, err := d.Verify(nil, xmlsig.Trust{Keys: keys})
	if err != nil {
		return nil, nil, fmt.Errorf("%w: the signature is one that the service knows: %w", errNot, err)
	}
	for path, want := range map[string]string{
		"@Destination": a.saml.acs, "@InResponseTo": a.saml.request, "@Version": "2.0", "Issuer": w.origin + "/saml/metadata",
	} {
		if got := at(signed.Element, path); got != want {
			return nil, nil, fmt.Errorf("%s is %q, not %q", path, got, want)
		}
	}
	if err := isAround(at(signed.Element, "@IssueInstant"), -time.Minute, time.Minute); err != nil {
		return nil, nil, fmt.Errorf("IssueInstant: %w", err)
	}
	return a, signed.Element, nil
}

// isAround checks that a time is so far from now.
func isAround(value string, least, most time.Duration) error {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		return err
	}
	if from := time.Until(t); from < least || from > most {
		return fmt.Errorf("%s is %s from now", value, from.Round(time.Second))
	}
	return nil
}

// at is the text of the one element at a path of local names, or the value of its
// attribute behind @; empty when it is not there.
func at(el *etree.Element, path string) string {
	path, attribute, _ := strings.Cut(path, "@")
	for name := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' }) {
		var next *etree.Element
		for _, child := range el.ChildElements() {
			if child.Tag == name && next == nil {
				next = child
			}
		}
		if el = next; el == nil {
			return ""
		}
	}
	if attribute != "" {
		return el.SelectAttrValue(attribute, "")
	}
	return el.Text()
}

// trusted are the certificates of ours by which a service checks: those that it pinned,
// or those of our metadata, whose signature has to hold under the first.
func (w *world) trusted(s *samlService) ([]*x509.Certificate, error) {
	if s.pinned != nil {
		return s.pinned, nil
	}
	_, certificates, err := w.samlMetadata()
	return certificates, err
}

// published are metadata of ours that were checked.
type published struct {
	text         []byte
	certificates []*x509.Certificate
}

// samlMetadata reads ours.
func (w *world) samlMetadata() ([]byte, []*x509.Certificate, error) {
	r, err := http.NewRequest(http.MethodGet, w.origin+"/saml/metadata", nil)
	if err != nil {
		return nil, nil, err
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("reading our metadata: status %d, %w", answer.StatusCode, err)
	}
	if w.published != nil && bytes.Equal(text, w.published.text) {
		return text, w.published.certificates, nil
	}
	var certificates []*x509.Certificate
	var described stock.EntityDescriptor
	if err := xml.Unmarshal(text, &described); err != nil {
		return nil, nil, fmt.Errorf("reading our metadata: %w", err)
	}
	for _, k := range described.IDPSSODescriptors[0].KeyDescriptors {
		der, err := base64.StdEncoding.DecodeString(k.KeyInfo.X509Data.X509Certificates[0].Data)
		if err != nil {
			return nil, nil, err
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, nil, err
		}
		certificates = append(certificates, c)
	}
	w.published = &published{text, certificates}
	return text, certificates, xmlsecAccepts(text, certificates, "/*/*[local-name()='Signature']")
}

// xmlsecAccepts has xmlsec1 check a signature by one of the certificates.
func xmlsecAccepts(text []byte, certificates []*x509.Certificate, signature string) error {
	folder, err := os.MkdirTemp(filepath.Dir(built), "xmlsec-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	file, by := filepath.Join(folder, "message.xml"), filepath.Join(folder, "certificate.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	refused := errors.New("there is no certificate to check by")
	for _, c := range certificates {
		if err := os.WriteFile(by, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}), 0o600); err != nil {
			return err
		}
		args := []string{"--verify", "--enabled-reference-uris", "same-doc", "--pubkey-cert-pem", by, "--node-xpath", signature}
		for _, name := range []string{"protocol:Response", "protocol:LogoutRequest", "protocol:LogoutResponse", "assertion:Assertion", "metadata:EntityDescriptor"} {
			args = append(args, "--id-attr:ID", "urn:oasis:names:tc:SAML:2.0:"+name)
		}
		out, err := exec.Command("xmlsec1", append(args, file)...).CombinedOutput()
		if err == nil {
			return nil
		}
		refused = fmt.Errorf("xmlsec1 refuses: %w\n%s", err, out)
	}
	return refused
}
