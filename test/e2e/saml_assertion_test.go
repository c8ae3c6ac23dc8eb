package e2e

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
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
	"github.com/crewjam/saml/samlsp"
)

var signatureMethod = regexp.MustCompile(`SignatureMethod Algorithm="([^"]*)"`)

// samlAsserted looks into the assertion that came in the last step, after checking all
// that a service must.
func (w *world) samlAsserted(wanted url.Values) error {
	a, response, err := w.samlResponse()
	if err != nil {
		return err
	}
	if got := at(response, "Status/StatusCode@Value"); got != saml2.StatusSuccess {
		return fmt.Errorf("%w: a login, but %s, %s: %s", errNot, got, at(response, "Status/StatusCode/StatusCode@Value"), at(response, "Status/StatusMessage"))
	}
	found := map[string]any{"alg": lastWord(string(signatureMethod.FindSubmatch(a.text())[1]))} // the first is the response's own
	if a.saml.service.decrypts {
		found["cipher"] = lastWord(at(response, "EncryptedAssertion/EncryptedData/EncryptionMethod@Algorithm"))
		if response, err = decrypted(a.text()); err != nil {
			return err
		}
	}
	assertion := response.FindElement("./Assertion")
	if assertion == nil {
		return errors.New("there is no assertion")
	}
	certificates, err := w.trusted(a.saml.service)
	if err == nil {
		err = xmlsecAccepts(a.text(), certificates, "/*/*[local-name()='Signature']")
	}
	if err == nil {
		err = w.samlConfirmed(a, assertion)
	}
	if err != nil {
		return err
	}
	if assertion.FindElement("./Signature") != nil {
		if err := samlSignedInside(a, certificates, response); err != nil {
			return err
		}
		found["signed"] = "twice"
	}
	if !a.saml.service.decrypts && strings.HasPrefix(fmt.Sprint(found["alg"]), "rsa-") {
		if err := w.stockAccepts(a); err != nil {
			return fmt.Errorf("crewjam/saml refuses: %w", err)
		}
	}
	for name, path := range map[string]string{
		"class": "AuthnStatement/AuthnContext/AuthnContextClassRef", "nameid": "Subject/NameID", "format": "Subject/NameID@Format",
		"session": "AuthnStatement@SessionIndex", "authenticated": "AuthnStatement@AuthnInstant", "id": "@ID",
	} {
		if value := at(assertion, path); value != "" {
			found[name] = value
		}
	}
	for _, name := range []string{"class", "format"} {
		found[name] = lastWord(fmt.Sprint(found[name]))
	}
	for _, el := range assertion.FindElements("./AttributeStatement/Attribute") {
		found[el.SelectAttrValue("FriendlyName", "")] = at(el, "AttributeValue")
	}
	a.claims = found
	s, id := a.saml.service, at(assertion, "@ID")
	s.repeated, s.taken[id] = s.taken[id], true
	return match(found, wanted)
}

// lastWord is the last part of a URI.
func lastWord(uri string) string { return uri[strings.LastIndexAny(uri, "/:#")+1:] }

// samlConfirmed checks that the assertion is for this service, this request and now.
// Source: SAML 2.0 Profiles, section 4.1.4.3.
func (w *world) samlConfirmed(a *attempt, assertion *etree.Element) error {
	const data, own = "Subject/SubjectConfirmation/SubjectConfirmationData", "Conditions/AudienceRestriction/Audience"
	for path, want := range map[string]string{
		"Issuer": w.origin + "/saml/metadata", "@Version": "2.0",
		"Subject/SubjectConfirmation@Method": "urn:oasis:names:tc:SAML:2.0:cm:bearer",
		data + "@Recipient":                  a.saml.acs, data + "@InResponseTo": a.saml.request, data + "@NotBefore": "",
		own:                              a.saml.service.entityID(),
		"Subject/NameID@NameQualifier":   w.origin + "/saml/metadata",
		"Subject/NameID@SPNameQualifier": a.saml.service.entityID(),
	} {
		if got := at(assertion, path); got != want {
			return fmt.Errorf("%s is %q, not %q", path, got, want)
		}
	}
	if n := len(assertion.FindElements("./Conditions/AudienceRestriction/Audience")); n != 1 {
		return fmt.Errorf("it is for %d services", n)
	}
	if assertion.FindElement("./Conditions/OneTimeUse") != nil {
		return errors.New("it has OneTimeUse, which Shibboleth SP refuses")
	}
	return errors.Join(
		isAround(at(assertion, data+"@NotOnOrAfter"), time.Second, 6*time.Minute),
		isAround(at(assertion, "Conditions@NotOnOrAfter"), time.Second, 6*time.Minute),
		isAround(at(assertion, "Conditions@NotBefore"), -7*time.Minute, 0),
		isAround(at(assertion, "AuthnStatement@AuthnInstant"), -time.Hour, time.Minute),
		isAround(at(assertion, "AuthnStatement@SessionNotOnOrAfter"), time.Minute, 13*time.Hour),
	)
}

// samlSignedInside checks the signature of the assertion itself.
func samlSignedInside(a *attempt, certificates []*x509.Certificate, response *etree.Element) error {
	text := a.text()
	if a.saml.service.decrypts {
		var err error
		if text, err = xmlsig.Canonical(response); err != nil {
			return err
		}
	}
	return xmlsecAccepts(text, certificates, "//*[local-name()='Assertion']/*[local-name()='Signature']")
}

// stockAccepts has a stock service check all of it again.
func (w *world) stockAccepts(a *attempt) error {
	metadata, published, err := w.samlMetadata()
	if err != nil {
		return err
	}
	described, err := samlsp.ParseMetadata(metadata)
	if err != nil {
		return err
	}
	if a.saml.service.pinned != nil {
		for i := range published { // it reads none again
			described.IDPSSODescriptors[0].KeyDescriptors[i].KeyInfo.X509Data.X509Certificates[0].Data = pemBody(a.saml.service.pinned[0])
		}
	}
	at, err := url.Parse(a.saml.acs)
	if err != nil {
		return err
	}
	sp := stock.ServiceProvider{EntityID: a.saml.service.entityID(), AcsURL: *at, IDPMetadata: described, AllowIDPInitiated: a.saml.request == ""}
	var refused *stock.InvalidResponseError
	if _, err = sp.ParseXMLResponse(a.text(), []string{a.saml.request}, *at); errors.As(err, &refused) {
		return refused.PrivateErr
	}
	return err
}

func pemBody(c *x509.Certificate) string {
	lines := strings.Split(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})), "\n")
	return strings.Join(lines[1:len(lines)-2], "")
}

// decrypted has xmlsec1 decrypt the assertion of a response.
func decrypted(text []byte) (*etree.Element, error) {
	folder, err := os.MkdirTemp(filepath.Dir(built), "xmlsec-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	key, err := x509.MarshalPKCS8PrivateKey(samlKeys().rsa.Key)
	if err != nil {
		return nil, err
	}
	file, by, out := filepath.Join(folder, "message.xml"), filepath.Join(folder, "key.pem"), filepath.Join(folder, "plain.xml")
	err = errors.Join(
		os.WriteFile(file, text, 0o600),
		os.WriteFile(by, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600),
	)
	if err != nil {
		return nil, err
	}
	if said, err := exec.Command("xmlsec1", "--decrypt", "--privkey-pem", by, "--output", out, file).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("decrypting: %w\n%s", err, said)
	}
	d := etree.NewDocument()
	if err := d.ReadFromFile(out); err != nil {
		return nil, err
	}
	response := d.Root()
	if sealed := response.FindElement("./EncryptedAssertion/Assertion"); sealed != nil {
		response.AddChild(sealed)
	}
	return response, nil
}

// samlRefused wants a status that says why there is no assertion.
func (w *world) samlRefused(args []string) error {
	if len(args) < 1 {
		return errors.New("usage: status TOP [SECOND [TEXT]]")
	}
	_, response, err := w.samlResponse()
	if err != nil {
		return err
	}
	if response.FindElement("//Assertion") != nil || response.FindElement("//EncryptedAssertion") != nil {
		return fmt.Errorf("%w: there is no assertion", errNot)
	}
	got := []string{
		lastWord(at(response, "Status/StatusCode@Value")), lastWord(at(response, "Status/StatusCode/StatusCode@Value")),
		at(response, "Status/StatusMessage"),
	}
	for i, want := range args {
		if i < 2 && got[i] != want || i == 2 && !strings.Contains(got[i], want) {
			return fmt.Errorf("the status is %q", got)
		}
	}
	if got[2] == "" {
		return errors.New("the status has no message")
	}
	return nil
}
