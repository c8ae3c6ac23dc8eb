package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/url"
	"time"

	"clave/identity"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
	"clave/keys"
)

// samlWay is how a service speaks SAML 2.0.
type samlWay struct {
	// binding is how its requests come.
	binding string
	// dialect: it speaks that of Cl@ve 2, by HTTP-POST.
	dialect bool
	// key is the one of the server's that answers it.
	key samlKey
	// encrypted: its metadata have a key for that. both: they want assertions signed
	// beside responses.
	encrypted, both bool
}

// samlKey is a kind of key that the server signs with.
type samlKey int

const (
	rsa2048 samlKey = iota + 1
	rsa3072
	ecdsaP256
	dialect3072 // RSA, for the dialect
)

// samlServices log in by PIN, each in another way. The first is the usual one.
func samlServices() []service {
	by := func(name string, way samlWay) service {
		return service{name: name, method: identity.PIN, level: identity.Low, saml: way}
	}
	return []service{
		by("saml-rsa3072", samlWay{binding: saml2.BindingRedirect, key: rsa3072}),
		by("saml-rsa2048", samlWay{binding: saml2.BindingRedirect, key: rsa2048}),
		by("saml-ecdsa", samlWay{binding: saml2.BindingRedirect, key: ecdsaP256}),
		by("saml-post", samlWay{binding: saml2.BindingPost, key: rsa3072}),
		by("saml-encrypted", samlWay{binding: saml2.BindingRedirect, key: rsa3072, encrypted: true}),
		by("saml-signed-twice", samlWay{binding: saml2.BindingRedirect, key: rsa3072, both: true}),
		by("clave-rsa3072", samlWay{binding: saml2.BindingPost, dialect: true, key: dialect3072}),
	}
}

// entity is what a service is called, acs where its answers go, and audience what they
// say whom they are for.
func (s service) entity() string { return home + s.name }
func (s service) acs() string    { return home + s.name + "/acs" }
func (s service) audience() string {
	if s.saml.dialect {
		return s.acs()
	}
	return s.entity()
}

// providerName is what services are called in the dialect; there is one.
const providerName = "P2807900B_L01280796;Load"

// samlCredentials are what the services and the server have before a run. The zero value
// does for runs without SAML.
type samlCredentials struct {
	// own is the key of all services, of 2048 bits as most have.
	own xmlsig.Signer
	// server are the server's keys, which the services were given by hand: metadata have
	// neither old ones nor those for the few who want them.
	server map[samlKey]keys.SigningKey
}

// newSAMLCredentials makes the services' key and the server's.
func newSAMLCredentials(ctx context.Context, r *register) (c samlCredentials, err error) {
	if c.server, err = r.samlKeys(ctx); err != nil {
		return c, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return c, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "load"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return c, err
	}
	certificate, err := x509.ParseCertificate(der)
	c.own = xmlsig.Signer{Key: key, Method: xmlsig.RSASHA256, Certificate: certificate}
	return c, err
}

// registration is what a service is registered with. It names the key that is to answer:
// a server has one active key of each kind.
func (c samlCredentials) registration(s service) string {
	if s.saml.dialect {
		return fmt.Sprintf("  clave:\n    - provider_name: %s\n      acs: [%q]\n      certificates: [%q]\n",
			providerName, s.acs(), base64.StdEncoding.EncodeToString(c.own.Certificate.Raw))
	}
	return fmt.Sprintf("  saml:\n    - metadata: %q\n      signing_key: %s\n      until: %s\n",
		c.metadata(s), c.server[s.saml.key].ID, identity.DateOf(time.Now().AddDate(0, 0, 7)))
}

func (c samlCredentials) metadata(s service) string {
	key := func(use string) string {
		return `<md:KeyDescriptor use="` + use + `"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>` +
			base64.StdEncoding.EncodeToString(c.own.Certificate.Raw) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
	}
	keys := key("signing")
	if s.saml.encrypted {
		keys += key("encryption")
	}
	return fmt.Sprintf(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID=%q>`+
		`<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="%t" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">%s`+
		`<md:AssertionConsumerService Binding=%q Location=%q index="0"/></md:SPSSODescriptor></md:EntityDescriptor>`,
		s.entity(), s.saml.both, keys, saml2.BindingPost, s.acs())
}

// samlParty is the software of a service.
type samlParty struct {
	service service
	own     xmlsig.Signer
	// idp is what the server is called, sso where it takes requests.
	idp string
	sso *url.URL
	// key has to have signed what comes back.
	key crypto.PublicKey
}

// samlPathMetadata is where the server tells who it is; its name is that address.
// Services of the dialect are told where to send requests.
const (
	samlPathMetadata = "/saml/metadata"
	dialectPath      = "/Proxy2/ServiceProvider"
)

// discoverSAML reads the server's metadata once, as the services' software does.
func discoverSAML(ctx context.Context, b *browser, issuer string, c samlCredentials) (func(service) (relyingParty, error), error) {
	address, err := url.Parse(issuer + samlPathMetadata)
	if err != nil {
		return nil, err
	}
	dialect, err := url.Parse(issuer + dialectPath)
	if err != nil {
		return nil, err
	}
	seen, err := b.get(ctx, address)
	if err != nil {
		return nil, err
	}
	if seen.status != http.StatusOK {
		return nil, fmt.Errorf("reading %s: status %d", samlPathMetadata, seen.status)
	}
	d, err := xmlsig.Parse([]byte(seen.body), saml2.MetadataLimits())
	if err != nil {
		return nil, fmt.Errorf("reading metadata: %w", err)
	}
	endpoint := d.Root().FindElement("./IDPSSODescriptor/SingleSignOnService")
	if endpoint == nil {
		return nil, errors.New("reading metadata: no endpoint")
	}
	sso, err := url.Parse(endpoint.SelectAttrValue("Location", ""))
	if err != nil {
		return nil, fmt.Errorf("reading metadata: %w", err)
	}
	return func(s service) (relyingParty, error) {
		p := &samlParty{service: s, own: c.own, idp: address.String(), sso: sso, key: c.server[s.saml.key].Signer.Public()}
		if s.saml.dialect {
			p.idp, p.sso = issuer, dialect
		}
		return p, nil
	}, nil
}

// begin implements relyingParty.
func (p *samlParty) begin() (attempt, error) {
	id, state := saml2.NewID(), rand.Text()
	asked := saml2.AuthnRequest{
		Header:       saml2.Header{ID: id, Issuer: p.service.entity(), Destination: p.sso.String(), IssueInstant: time.Now()},
		ACS:          saml2.ACS{URL: p.service.acs(), Binding: saml2.BindingPost},
		NameIDPolicy: saml2.NameIDPolicy{Format: saml2.FormatPersistent, AllowCreate: true},
		Context:      saml2.RequestedContext{Comparison: saml2.Minimum, Classes: []string{identity.Low.URI()}},
	}
	if p.service.saml.dialect {
		asked.Issuer, asked.ProviderName, asked.NameIDPolicy.Format = p.service.acs(), providerName, saml2.FormatUnspecified
		asked.Extensions.SPType = "public"
	}
	first, err := p.sent(asked, state)
	return attempt{first, func(_ context.Context, _ *browser, back request) error {
		return p.finish(back, id, state)
	}}, err
}

// sent signs a request in the way of its binding.
func (p *samlParty) sent(asked saml2.AuthnRequest, state string) (request, error) {
	if p.service.saml.binding == saml2.BindingPost {
		var prefixes saml2.Prefixes
		if p.service.saml.dialect {
			prefixes = saml2.DialectPrefixes()
		}
		message, err := asked.Write(prefixes, &p.own)
		return request{p.sso, url.Values{saml2.FieldRequest: {saml2.PostValue(message)}, saml2.FieldRelayState: {state}}}, err
	}
	message, err := asked.Write(saml2.Prefixes{}, nil)
	if err != nil {
		return request{}, err
	}
	address, err := saml2.RedirectURL(p.sso.String(), saml2.FieldRequest, message, state, &p.own)
	if err != nil {
		return request{}, err
	}
	to, err := url.Parse(address)
	return request{to: to}, err
}
