package e2e

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"clave/internal/saml2"
	"clave/internal/xmlsig"
)

// samlService is a service that speaks SAML 2.0, as a script registered it.
type samlService struct {
	name   string
	signer *xmlsig.Signer // its own
	next   *xmlsig.Signer // what it will sign with, if its metadata have that already
	// decrypts says that its metadata have a key for encryption.
	decrypts bool
	// pinned are the certificates of ours that it knows; nil for those that our
	// metadata have when they are needed.
	pinned []*x509.Certificate
	// taken are the assertions that it got, by ID; repeated tells that the last one was
	// among them before.
	taken    map[string]bool
	repeated bool
	// leaving is the logout that it asked for last.
	leaving samlLogout
}

func (s *samlService) entityID() string { return "https://" + s.name + ".example/saml" }
func (s *samlService) acs() string      { return s.entityID() + "/acs" }
func (s *samlService) second() string   { return s.entityID() + "/second" }
func (s *samlService) slo() string      { return s.entityID() + "/slo" }

// samlKeys are those of all services: making RSA keys takes long. Nobody registered the
// stranger.
var samlKeys = sync.OnceValue(func() (keys struct{ rsa, ec, stranger *xmlsig.Signer }) {
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	keys.rsa = samlSigner(own, xmlsig.RSASHA256)
	for _, to := range []**xmlsig.Signer{&keys.ec, &keys.stranger} {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		*to = samlSigner(key, xmlsig.ECDSASHA256)
	}
	return keys
})

func samlSigner(key crypto.Signer, method string) *xmlsig.Signer {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "service"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return &xmlsig.Signer{Key: key, Method: method, Certificate: certificate}
}

// metadata are the service's. The words are those of the script that belong here.
func (s *samlService) metadata(words url.Values) string {
	flags, role := "", ""
	if take(words, "requests", "") == "signed" {
		flags += ` AuthnRequestsSigned="true"`
	}
	if take(words, "wants", "") == "assertion" {
		flags += ` WantAssertionsSigned="true"`
	}
	key := func(use string, of *x509.Certificate) string {
		return `<md:KeyDescriptor use="` + use + `"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(of.Raw) +
			`</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
	}
	if name := take(words, "displays", ""); name != "" {
		role += `<md:Extensions><mdui:UIInfo><mdui:DisplayName xml:lang="es">` + name + `</mdui:DisplayName></mdui:UIInfo></md:Extensions>`
	}
	role += key("signing", s.signer.Certificate)
	if s.next != nil {
		role += key("signing", s.next.Certificate)
	}
	if s.decrypts {
		role += key("encryption", samlKeys().rsa.Certificate)
	}
	if take(words, "slo", "") == "yes" {
		for _, binding := range []string{saml2.BindingRedirect, saml2.BindingPost} {
			role += `<md:SingleLogoutService Binding="` + binding + `" Location="` + s.slo() + `"/>`
		}
	}
	if format := take(words, "format", ""); format != "" {
		role += `<md:NameIDFormat>` + samlFormat(format) + `</md:NameIDFormat>`
	}
	for i, location := range []string{s.acs(), s.second()} {
		role += fmt.Sprintf(`<md:AssertionConsumerService Binding="%s" Location="%s" index="%d"/>`, saml2.BindingPost, location, i+1)
	}
	for i, names := range strings.Split(take(words, "lists", ""), ",") {
		if names == "" {
			continue
		}
		role += fmt.Sprintf(`<md:AttributeConsumingService index="%d"><md:ServiceName xml:lang="es">%s</md:ServiceName>`, i+1, s.name)
		for _, name := range strings.Fields(names) {
			role += `<md:RequestedAttribute Name="` + samlAttribute(name) + `"/>`
		}
		role += `</md:AttributeConsumingService>`
	}
	return `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:mdui="urn:oasis:names:tc:SAML:metadata:ui"` +
		` xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` + s.entityID() + `"><md:SPSSODescriptor` + flags +
		` protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">` + role + `</md:SPSSODescriptor></md:EntityDescriptor>`
}

// registered is the relying party as a file for `clave rp apply`: what the script does
// not say is as services usually have it.
func (s *samlService) registered(words url.Values) string {
	metadata := s.metadata(words)
	party := map[string]string{
		"id": s.name, "name": "{es: Servicio " + s.name + "}", "organisation": "{nif: P2807900B}", "sector": s.name, "sso": "silent",
		"attributes": "[given_name, family_name, first_surname, second_surname, birthdate, document_number, document_kind]",
	}
	provider := map[string]string{"metadata": "'" + metadata + "'"}
	for name, values := range words {
		switch name {
		case "encryption", "cipher", "unsigned_requests_acs", "signing_alg", "signing_key", "until", "idp_initiated":
			provider[name] = values[0]
		default:
			party[name] = values[0]
		}
	}
	fields := func(of map[string]string, begin string) (text string) {
		for _, name := range slices.Sorted(maps.Keys(of)) {
			text += begin + name + ": " + of[name] + "\n"
			begin = strings.Repeat(" ", len(begin))
		}
		return text
	}
	return fields(party, "- ") + "  saml:\n" + fields(provider, "    - ")
}

// register puts a service into the installation, or changes it, and waits until the
// nodes that run know.
func (w *world) register(name string, words url.Values) error {
	if w.services == nil {
		w.services = map[string]*samlService{}
	}
	s := &samlService{name: name, signer: samlKeys().rsa, decrypts: take(words, "decrypts", "") == "yes", taken: map[string]bool{}}
	switch take(words, "key", "rsa") {
	case "ec":
		s.signer = samlKeys().ec
	case "both":
		s.next = samlKeys().ec
	}
	if before := w.services[name]; before != nil {
		s.pinned, s.taken = before.pinned, before.taken
	}
	if err := w.apply(name, s.registered(words)); err != nil {
		return err
	}
	w.services[name] = s
	return nil
}

// apply registers what a file says, and waits until the nodes that run know.
func (w *world) apply(name, registered string) error {
	if err := os.MkdirAll(w.dir, 0o700); err != nil {
		return err
	}
	file := filepath.Join(w.dir, name+".yaml")
	if err := os.WriteFile(file, []byte(registered), 0o600); err != nil {
		return err
	}
	known := map[*node]int{}
	for _, n := range w.nodes {
		if n.running() {
			known[n] = n.said(registerRead)
		}
	}
	apply := exec.Command(filepath.Join(built, "clave"), "rp", "apply", "--database", w.database, "--master", w.master, file)
	if out, err := apply.CombinedOutput(); err != nil {
		return fmt.Errorf("registering: %w\n%s", err, out)
	}
	for n, before := range known {
		err := eventually(quick, func() error {
			if n.said(registerRead) > before {
				return nil
			}
			return fmt.Errorf("node %d does not know the service", n.number)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// registerRead is what a node logs when it read the register again.
const registerRead = "relying parties refreshed"

// said counts how often a node logged a message.
func (n *node) said(message string) int {
	log, err := os.ReadFile(n.log())
	if err != nil {
		return 0 // it has not said anything
	}
	return strings.Count(string(log), message)
}

// service finds one that the script registered; the first name is town.
func (w *world) service(name string) (*samlService, error) {
	if s := w.services[name]; s != nil {
		return s, nil
	}
	return nil, errors.New("no script registered a service " + name)
}
