package e2e

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"

	"github.com/beevik/etree"
)

// dialect is what services that speak the dialect of Cl@ve 2 know.
type dialect struct {
	registered map[string]bool
	asked      map[string]*dialectAsked // by the ID of the message
	arrival    *dialectArrival
	pinned     []*x509.Certificate // of ours; nil for those that are published now
	key        string              // the id of the pinned one
}

// dialectAsked is a message that a service sent.
type dialectAsked struct {
	service, address, relay, state string
	browser                        *browser
}

// dialectArrival is an answer with which the browser came to a service.
type dialectArrival struct {
	field, address string
	form           url.Values
	browser        *browser
}

func dialectProvider(name string) string { return "P2807900B_L01280796;" + name }
func dialectACS(name string) string      { return "https://" + name + ".example/clave/acs" }
func dialectLogout(name string) string   { return "https://" + name + ".example/clave/logout" }

// dialectWord is the word dialect with another behind it.
func dialectWord(w *world, args []string) error {
	words := map[string]command{
		"service": dialectService, "login": dialectLogin, "logout": values(dialectLogOut),
		"said": values(dialectSaid), "refused": dialectRefused, "loggedout": values(dialectLoggedOut),
		"pin": none((*world).dialectPin), "unpin": none(func(w *world) error { w.dialect.pinned = nil; return nil }), "publishes": dialectPublishes,
	}
	if len(args) == 0 || words[args[0]] == nil {
		return errors.New("usage: dialect service|login|logout|said|refused|loggedout|pin|unpin|publishes …")
	}
	return words[args[0]](w, args[1:])
}

// dialectService registers a service, or changes it.
func dialectService(w *world, args []string) error {
	if len(args) == 0 {
		return errors.New("usage: dialect service NAME [field=value…]")
	}
	fields, err := pairs(args[1:])
	if err != nil {
		return err
	}
	name := args[0]
	certificate := base64.StdEncoding.EncodeToString(samlKeys().rsa.Certificate.Raw)
	party := map[string]string{
		"name": "{es: Servicio " + name + "}", "organisation": "{nif: P2807900B}", "sector": name, "sso": "silent",
		"attributes": "[given_name, family_name, first_surname, document_number]",
	}
	of := map[string]string{
		"acs": "['" + dialectACS(name) + "']", "logout": "['" + dialectLogout(name) + "']", "certificates": "['" + certificate + "']",
	}
	if take(fields, "decrypts", "") == "yes" {
		of["encryption_certificate"] = certificate
	}
	for field, value := range fields {
		switch field {
		case "encryption_cipher", "signing_key", "until":
			of[field] = value[0]
		default:
			party[field] = value[0]
		}
	}
	text := "- id: " + name + "\n"
	for _, field := range slices.Sorted(maps.Keys(party)) {
		text += "  " + field + ": " + party[field] + "\n"
	}
	text += "  clave:\n    - provider_name: '" + dialectProvider(name) + "'\n"
	for _, field := range slices.Sorted(maps.Keys(of)) {
		text += "      " + field + ": " + of[field] + "\n"
	}
	if w.dialect.registered == nil {
		w.dialect.registered, w.dialect.asked = map[string]bool{}, map[string]*dialectAsked{}
	}
	w.dialect.registered[name] = true
	return w.apply(name, text)
}

// dialectSign signs as the kits do; key is own, stranger or none.
func dialectSign(key string) (*xmlsig.Signer, error) {
	switch key {
	case "own":
		s := *samlKeys().rsa
		s.Method, s.Digest = xmlsig.RSASHA512, xmlsig.SHA512
		return &s, nil
	case "stranger":
		return samlKeys().stranger, nil
	case "none":
		return nil, nil
	}
	return nil, errors.New("usage: key=own|stranger|none")
}

// dialectLogin sends the browser with a request, by a form as always.
func dialectLogin(w *world, args []string) error {
	words, err := pairs(args)
	if err != nil {
		return err
	}
	name := take(words, "sp", "town")
	if !w.dialect.registered[name] {
		return errors.New("no script registered a service " + name)
	}
	signer, err := dialectSign(take(words, "key", "own"))
	if err != nil {
		return err
	}
	shift, err := time.ParseDuration(take(words, "at", "0s"))
	if err != nil {
		return err
	}
	asked := &dialectAsked{
		service: name, address: take(words, "acs", dialectACS(name)), browser: w.browser,
		relay: take(words, "relay", "relay of "+name), state: take(words, "state", "state of "+name),
	}
	for _, state := range []*string{&asked.relay, &asked.state} {
		if n, found := strings.CutPrefix(*state, "bytes:"); found {
			size, err := strconv.Atoi(n)
			if err != nil {
				return err
			}
			*state = strings.Repeat(`"<&>`, size)[:size]
		}
	}
	r := saml2.AuthnRequest{
		Header: saml2.Header{
			ID: take(words, "id", saml2.NewID()), Issuer: take(words, "issuer", ""), IssueInstant: time.Now().Add(shift),
			Destination: take(words, "destination", w.origin+"/Proxy2/ServiceProvider"),
		},
		ProviderName: take(words, "provider", dialectProvider(name)), ACS: saml2.ACS{URL: asked.address},
		ForceAuthn: take(words, "force", "") == "true", IsPassive: take(words, "passive", "") == "true",
		NameIDPolicy: saml2.NameIDPolicy{AllowCreate: true, Format: samlFormat(take(words, "format", "unspecified"))},
		Context:      saml2.RequestedContext{Comparison: saml2.Minimum, Classes: []string{samlClass(take(words, "minimum", "low"))}},
		Extensions:   saml2.Extensions{SPType: "public"},
	}
	attribute := func(name string, required bool, values ...string) {
		if !strings.Contains(name, ":") {
			name = "http://es.minhafp.clave/" + name
		}
		r.Extensions.Attributes = append(r.Extensions.Attributes, saml2.RequestedAttribute{
			Name: name, FriendlyName: lastWord(name), NameFormat: saml2.AttributeURI, Required: required, Values: values,
		})
	}
	for _, off := range strings.Fields(take(words, "off", "")) {
		attribute(off, false)
	}
	for _, other := range strings.Fields(take(words, "asks", "")) {
		attribute(other, false)
	}
	for _, other := range strings.Fields(take(words, "needs", "")) {
		attribute(other, true)
	}
	if asked.state != "" {
		attribute("RelayState", false, asked.state)
	}
	message, err := r.Write(saml2.DialectPrefixes(), signer)
	if err != nil {
		return err
	}
	w.dialect.asked[r.ID] = asked
	text := forged(string(message), take(words, "forge", ""))
	form := url.Values{saml2.FieldRequest: {saml2.PostValue([]byte(text))}}
	if hint := take(words, "login_hint", ""); hint != "" {
		form.Set("login_hint", hint)
	}
	return w.dialectSend(asked, form)
}

func (w *world) dialectSend(asked *dialectAsked, form url.Values) error {
	if asked.relay != "" {
		form.Set(saml2.FieldRelayState, asked.relay)
	}
	to := w.issuerURL().JoinPath("Proxy2/ServiceProvider")
	return w.visit(request{method: http.MethodPost, address: to, form: form, from: "https://" + asked.service + ".example"})
}

// dialectLogOut lets a service ask to log out.
func dialectLogOut(w *world, words url.Values) error {
	name := take(words, "sp", "town")
	signer, err := dialectSign(take(words, "key", "own"))
	if err != nil {
		return err
	}
	asked := &dialectAsked{service: name, address: take(words, "to", dialectLogout(name)), relay: take(words, "relay", "logout at "+name), browser: w.browser}
	r := saml2.LogoutRequest{
		Header: saml2.Header{ID: saml2.NewID(), Issuer: asked.address, Destination: w.origin + "/Proxy2/ServiceProvider", IssueInstant: time.Now()},
		Reason: "urn:oasis:names:tc:SAML:2.0:logout:user",
		NameID: saml2.NameID{Value: dialectProvider(name), Format: saml2.FormatUnspecified, SPNameQualifier: asked.address},
	}
	message, err := r.Write(saml2.DialectPrefixes(), signer)
	if err != nil {
		return err
	}
	w.dialect.asked[r.ID] = asked
	return w.dialectSend(asked, url.Values{saml2.FieldLogoutRequest: {saml2.PostValue(message)}})
}

// dialectArrived takes an answer that the browser posts to a service.
func (w *world) dialectArrived(r request) bool {
	for name := range w.dialect.registered {
		to := r.address.String()
		for field, address := range map[string]string{saml2.FieldResponse: dialectACS(name), saml2.FieldLogoutResponse: dialectLogout(name)} {
			if to == address && r.method == http.MethodPost && r.form.Has(field) {
				w.dialect.arrival = &dialectArrival{field, to, r.form, w.browser}
				w.arrival, w.browser.tab.page = nil, nil
				return true
			}
		}
	}
	return false
}

// dialectAnswer checks the answer with which the browser is at a service as kits do: it
// is for them, signed by us, and answers what they asked.
func (w *world) dialectAnswer(field string) (*dialectAsked, *etree.Element, string, error) {
	a := w.dialect.arrival
	if a == nil || a.browser != w.browser || a.field != field {
		return nil, nil, "", fmt.Errorf("%w: the browser is at a service with a %s", errNot, field)
	}
	text, err := base64.StdEncoding.DecodeString(a.form.Get(field))
	if err != nil {
		return nil, nil, "", err
	}
	certificates := w.dialect.pinned
	if certificates == nil {
		if _, certificates, err = w.dialectCertificates("active"); err != nil {
			return nil, nil, "", err
		}
	}
	if err := xmlsecAccepts(text, certificates, "/*/*[local-name()='Signature']"); err != nil {
		return nil, nil, "", fmt.Errorf("%w: %w", errNot, err)
	}
	d := etree.NewDocument()
	if err := d.ReadFromBytes(text); err != nil {
		return nil, nil, "", err
	}
	asked := w.dialect.asked[at(d.Root(), "@InResponseTo")]
	switch {
	case asked == nil:
		return nil, nil, "", errors.New("nobody asked")
	case asked.browser != w.browser:
		return nil, nil, "", errors.New("the answer came to another browser than the one that asked")
	case a.address != asked.address || at(d.Root(), "@Destination") != asked.address:
		return nil, nil, "", fmt.Errorf("it came to %s", a.address)
	case a.form.Get(saml2.FieldRelayState) != asked.relay || a.form.Has(saml2.FieldRelayState) != (asked.relay != ""):
		return nil, nil, "", fmt.Errorf("RelayState is %q, not %q", a.form.Get(saml2.FieldRelayState), asked.relay)
	}
	return asked, d.Root(), string(text), nil
}

// dialectSaid looks into the assertion that came, after checking all that kits do.
func dialectSaid(w *world, wanted url.Values) error {
	asked, response, text, err := w.dialectAnswer(saml2.FieldResponse)
	if err != nil {
		return err
	}
	if got := at(response, "Status/StatusMessage"); got != saml2.StatusSuccess || at(response, "Status/StatusCode@Value") != saml2.StatusSuccess {
		return fmt.Errorf("%w: a login, but %s", errNot, got)
	}
	found := map[string]any{}
	if response.FindElement("./EncryptedAssertion") != nil {
		found["cipher"] = lastWord(at(response, "EncryptedAssertion/EncryptedData/EncryptionMethod@Algorithm"))
		if response, err = decrypted([]byte(text)); err != nil {
			return err
		}
	}
	assertion := response.FindElement("./Assertion")
	if assertion == nil {
		return errors.New("there is no assertion")
	}
	for path, want := range map[string]string{
		"Issuer": w.origin, "Subject/NameID@NameQualifier": w.origin, "Conditions/AudienceRestriction/Audience": asked.address,
		"Subject/SubjectConfirmation/SubjectConfirmationData@Recipient": asked.address,
	} {
		if got := at(assertion, path); got != want {
			return fmt.Errorf("%s is %q, not %q", path, got, want)
		}
	}
	for _, word := range []string{"<saml2p:Response ", `Consent="` + saml2.ConsentObtained + `"`, "xmldsig-more#rsa-sha512", "xmlenc#sha512"} {
		if !strings.Contains(text, word) {
			return fmt.Errorf("%s is not in it", word)
		}
	}
	if assertion.FindElement("./Conditions/OneTimeUse") == nil {
		return errors.New("it may be used again")
	}
	if err := isAround(at(assertion, "Conditions@NotOnOrAfter"), 14*time.Minute, 15*time.Minute+time.Second); err != nil {
		return err
	}
	for _, el := range assertion.FindElements("./AttributeStatement/Attribute") {
		found[el.SelectAttrValue("FriendlyName", "")] = at(el, "AttributeValue")
	}
	if state, _ := found["RelayState"].(string); state != asked.state {
		return fmt.Errorf("RelayState as an attribute is %q, not %q", state, asked.state)
	}
	if encoded, is := found["PartialAfirma"].(string); is {
		if err := dialectAfirma(encoded, found); err != nil {
			return err
		}
	}
	found["nameid"], found["format"] = at(assertion, "Subject/NameID"), lastWord(at(assertion, "Subject/NameID@Format"))
	found["class"] = lastWord(at(assertion, "AuthnStatement/AuthnContext/AuthnContextClassRef"))
	return match(found, wanted)
}

// dialectAfirma adds what is said of a certificate, by the names of its fields.
func dialectAfirma(encoded string, found map[string]any) error {
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return err
	}
	d := etree.NewDocument()
	if err := d.ReadFromBytes(text); err != nil {
		return err
	}
	for _, field := range d.FindElements("/Partial_Afirma_Response/ReadableCertificateInfo/ReadableField") {
		found[at(field, "FieldIdentity")] = at(field, "FieldValue")
	}
	return nil
}

// dialectRefused wants a status that says why there is no assertion.
func dialectRefused(w *world, args []string) error {
	_, response, _, err := w.dialectAnswer(saml2.FieldResponse)
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
	if len(args) < 2 || got[0] != args[0] || got[1] != args[1] || len(args) == 3 && !strings.Contains(got[2], args[2]) || got[2] == "" {
		return fmt.Errorf("the status is %q", got)
	}
	return nil
}

// dialectLoggedOut looks at the answer to a logout: second is its second code.
func dialectLoggedOut(w *world, wanted url.Values) error {
	_, response, text, err := w.dialectAnswer(saml2.FieldLogoutResponse)
	if err != nil {
		return err
	}
	if at(response, "Issuer") != "Cl@ve" || !strings.Contains(text, "<saml2p:LogoutResponse ") {
		return fmt.Errorf("it is of %s", at(response, "Issuer"))
	}
	found := map[string]any{"status": lastWord(at(response, "Status/StatusCode@Value"))}
	if second := at(response, "Status/StatusCode/StatusCode@Value"); second != "" {
		found["second"] = lastWord(second)
	}
	return match(found, wanted)
}

// dialectCertificates reads our keys of a state as the script of the PHP kit does, and
// the id of the last.
func (w *world) dialectCertificates(state string) (id string, all []*x509.Certificate, err error) {
	r, err := http.NewRequest(http.MethodGet, w.origin+"/Proxy2/Certificates", nil)
	if err != nil {
		return "", nil, err
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return "", nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return "", nil, fmt.Errorf("reading our certificates: status %d, %w", answer.StatusCode, err)
	}
	d := etree.NewDocument()
	if err := d.ReadFromBytes(text); err != nil {
		return "", nil, err
	}
	for _, el := range d.FindElements("//KeyDescriptor[@use='signing']") {
		if at(el, "KeyInfo/MgmtData") != state || filepath.Base(at(el, "KeyInfo/KeyName")) != at(el, "KeyInfo/KeyName") {
			continue
		}
		der, err := base64.StdEncoding.DecodeString(at(el, "KeyInfo/X509Data/X509Certificate"))
		if err != nil {
			return "", nil, err
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			return "", nil, err
		}
		id, all = strings.TrimPrefix(at(el, "KeyInfo/KeyName"), "clave-"), append(all, c)
	}
	return id, all, nil
}

// dialectPin lets all services stay with the certificate that signs now.
func (w *world) dialectPin() (err error) {
	w.dialect.key, w.dialect.pinned, err = w.dialectCertificates("active")
	return err
}

// dialectPublishes wants so many keys of each state: dialect publishes active=1 next=1.
func dialectPublishes(w *world, args []string) error {
	wanted, err := pairs(args)
	if err != nil {
		return err
	}
	for state, n := range wanted {
		_, all, err := w.dialectCertificates(state)
		if err != nil {
			return err
		}
		if got := fmt.Sprint(len(all)); got != n[0] {
			return fmt.Errorf("%w: %s keys are %s, but %s", errNot, n[0], state, got)
		}
	}
	return nil
}
