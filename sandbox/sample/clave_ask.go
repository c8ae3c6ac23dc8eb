package sample

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/beevik/etree"
	dsig "github.com/russellhaering/goxmldsig"
)

func claveTries() []try {
	return []try{
		{"Ask for the level substantial", "level=substantial"},
		{"Ask for the level high (refused, without a certificate)", "level=high"},
		{"Switch the certificate off", "off=AFirmaIdP"},
		{"Cl@ve PIN alone", "off=AFirmaIdP&off=GISSIdP&off=CLVMOVILIdP&off=EIDASIdP"},
		{"A certificate alone: PartialAfirma comes along", "off=AEATIdP&off=GISSIdP&off=CLVMOVILIdP&off=EIDASIdP"},
		{"Switch all methods off (refused: RequestDenied)", "off=AFirmaIdP&off=AEATIdP&off=GISSIdP&off=CLVMOVILIdP&off=EIDASIdP"},
		{"ForceAuthn: prove it again", "force=true"},
		{"IsPassive: silently (refused: NoPassive, without a session)", "passive=true"},
		{"Ask how the citizen registered: RegisterType", "register=true"},
		{"Without an Issuer, and with the provider name in lower case, as some clients do", "sloppy=true"},
		{"An unregistered address for the answer (a page with status 400)", "acs=elsewhere"},
		{"A request without signature (a page with status 400)", "unsigned=true"},
		{"Log in without hands as 12345678Z", "login_hint=test:12345678Z"},
		{"Log in without hands, with a certificate", "login_hint=test:12345678Z:certificate"},
	}
}

// Namespaces of a request.
const (
	spaceProtocol  = "urn:oasis:names:tc:SAML:2.0:protocol"
	spaceAssertion = "urn:oasis:names:tc:SAML:2.0:assertion"
	spaceEIDAS     = "http://eidas.europa.eu/saml-extensions"
	spaceNatural   = "http://eidas.europa.eu/attributes/naturalperson"
	formatURI      = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
	unspecified    = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	ours           = "http://es.minhafp.clave/" // attributes of Cl@ve
)

// ask sends the browser to Cl@ve with a request.
func (s *claveSite) ask(w http.ResponseWriter, r *http.Request) {
	wish := r.URL.Query()
	as := asked{Browser: rand.Text(), RelayState: rand.Text(), Fresh: wish.Get("force") == "true", At: s.Now()}
	if level := wish.Get("level"); level != "" {
		as.Class = classes + level
	}
	id := "_" + rand.Text()
	request := s.request(id, as, wish)
	if wish.Get("unsigned") == "" {
		if err := s.sign(request); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	s.asked.set(id, as)
	s.setCookie(w, cookieBrowser, as.Browser)
	fields := []field{{"SAMLRequest", encoded(request)}, {"RelayState", as.RelayState}}
	if hint := wish.Get("login_hint"); hint != "" { // only the sandbox of Cl@ve knows it
		fields = append(fields, field{"login_hint", hint})
	}
	s.leave(w, r, s.destination(), fields...)
}

// request is an AuthnRequest as the kits write it.
func (s *claveSite) request(id string, as asked, wish url.Values) *etree.Element {
	el := s.message("AuthnRequest", id)
	name, acs := provider, s.acs()
	if wish.Get("sloppy") != "" {
		name = strings.ToLower(name)
	}
	if other := wish.Get("acs"); other != "" {
		acs += "/" + other
	}
	el.CreateAttr("AssertionConsumerServiceURL", acs)
	el.CreateAttr("ProtocolBinding", "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST")
	el.CreateAttr("ProviderName", name)
	if as.Fresh {
		el.CreateAttr("ForceAuthn", "true")
	}
	if wish.Get("passive") == "true" {
		el.CreateAttr("IsPassive", "true")
	}
	if wish.Get("sloppy") == "" {
		el.CreateElement("saml2:Issuer").SetText(s.Home + s.Path)
	}
	extensions := el.CreateElement("saml2p:Extensions")
	extensions.CreateElement("eidas:SPType").SetText("public")
	attributes := extensions.CreateElement("eidas:RequestedAttributes")
	ask := func(name string) *etree.Element {
		one := attributes.CreateElement("eidas:RequestedAttribute")
		one.CreateAttr("FriendlyName", name)
		one.CreateAttr("Name", ours+name)
		one.CreateAttr("NameFormat", formatURI)
		one.CreateAttr("isRequired", "false")
		return one
	}
	ask("RelayState").CreateElement("eidas:AttributeValue").SetText(as.RelayState)
	for _, method := range wish["off"] { // asked for without a value
		ask(method)
	}
	if wish.Get("register") != "" {
		ask("RegisterType")
	}
	policy := el.CreateElement("saml2p:NameIDPolicy")
	policy.CreateAttr("AllowCreate", "true")
	policy.CreateAttr("Format", unspecified)
	if as.Class != "" {
		context := el.CreateElement("saml2p:RequestedAuthnContext")
		context.CreateAttr("Comparison", "minimum")
		context.CreateElement("saml2:AuthnContextClassRef").SetText(as.Class)
	}
	return el
}

// message begins one to Cl@ve.
func (s *claveSite) message(kind, id string) *etree.Element {
	el := etree.NewElement("saml2p:" + kind)
	for _, space := range [][2]string{{"saml2p", spaceProtocol}, {"saml2", spaceAssertion}, {"eidas", spaceEIDAS}, {"eidas-natural", spaceNatural}} {
		el.CreateAttr("xmlns:"+space[0], space[1])
	}
	el.CreateAttr("ID", id)
	el.CreateAttr("Version", "2.0")
	el.CreateAttr("IssueInstant", s.Now().UTC().Format(time.RFC3339))
	el.CreateAttr("Destination", s.destination())
	return el
}

// sign puts a signature where the schema wants it: after the Issuer, or else first.
func (s *claveSite) sign(el *etree.Element) error {
	signing, err := dsig.NewSigningContext(s.key.key, [][]byte{s.key.certificate.Raw})
	if err == nil {
		signing.Canonicalizer = dsig.MakeC14N10ExclusiveCanonicalizerWithPrefixList("")
		err = signing.SetSignatureMethod(dsig.RSASHA512SignatureMethod)
	}
	if err != nil {
		return fmt.Errorf("signing a message: %w", err)
	}
	signature, err := signing.ConstructSignature(el, true)
	if err != nil {
		return fmt.Errorf("signing a message: %w", err)
	}
	at := 0
	if el.SelectElement("Issuer") != nil {
		at = 1
	}
	el.InsertChildAt(at, signature)
	return nil
}
