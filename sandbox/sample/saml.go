package sample

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"

	"github.com/crewjam/saml"
	"github.com/crewjam/saml/samlsp"
	dsig "github.com/russellhaering/goxmldsig"

	"clave/web/route"
)

// samlSite is a service that speaks SAML 2.0, by a stock library.
type samlSite struct {
	assertions
	provider saml.ServiceProvider // without the identity provider's metadata
	idp      fetched[*saml.EntityDescriptor]
}

func newSAML(s site) (*samlSite, error) {
	s.Tries = samlTries()
	c, err := openCredential(filepath.Join(s.Data, "university.pem"), s.Name, s.Now())
	if err != nil {
		return nil, err
	}
	at := func(path string) url.URL {
		u, err := url.Parse(s.Home + s.Path + path)
		if err != nil {
			panic("sample: " + err.Error()) // it is made of an address that listens
		}
		return *u
	}
	return &samlSite{assertions: assertions{site: s}, provider: saml.ServiceProvider{
		Key: c.key, Certificate: c.certificate,
		MetadataURL: at("/metadata"), AcsURL: at("/acs"), SloURL: at("/slo"),
		AuthnNameIDFormat: saml.PersistentNameIDFormat,
		SignatureMethod:   dsig.RSASHA256SignatureMethod, // the library's own choice is not to sign
		LogoutBindings:    []string{saml.HTTPPostBinding},
	}}, nil
}

func (s *samlSite) routes() []route.Route {
	return []route.Route{
		get(s.Path, s.show), get(s.Path+"/metadata", s.showMetadata), get(s.Path+"/login", s.ask),
		posted(s.Path+"/acs", s.consume), get(s.Path+"/in", s.enter),
		get(s.Path+"/logout", s.logout), posted(s.Path+"/slo", s.told),
	}
}

// metadata describe the service, as it is registered.
func (s *samlSite) metadata() ([]byte, error) {
	described := s.provider.Metadata()
	// The library says two days: whoever registers a file would have to do so again.
	described.ValidUntil = s.provider.Certificate.NotAfter.UTC()
	role := &described.SPSSODescriptors[0]
	role.ValidUntil = nil
	role.AssertionConsumerServices = role.AssertionConsumerServices[:1] // by HTTP-POST; the other is for artifacts
	for i := range role.KeyDescriptors {
		if role.KeyDescriptors[i].Use == "encryption" {
			// It lists only those that say nothing about who wrote them (CBC).
			role.KeyDescriptors[i].EncryptionMethods = []saml.EncryptionMethod{
				{Algorithm: "http://www.w3.org/2009/xmlenc11#aes128-gcm"}, {Algorithm: "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"},
			}
		}
	}
	document, err := xml.MarshalIndent(described, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("writing the metadata of a sample service: %w", err)
	}
	return document, nil
}

func (s *samlSite) showMetadata(w http.ResponseWriter, r *http.Request) {
	document, err := s.metadata()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	_, _ = w.Write(document) // the browser is gone: nothing to do about it
}

// peer is the library's service provider, knowing Cl@ve as it is now. The metadata are
// fetched from this machine; those of another have to be verified by the certificate
// that its operator gave.
func (s *samlSite) peer(ctx context.Context) (*saml.ServiceProvider, error) {
	idp, err := s.idp.now(ctx, s.Now(), func(ctx context.Context, client *http.Client) (*saml.EntityDescriptor, error) {
		u, err := url.Parse(s.Issuer + "/saml/metadata")
		if err != nil {
			return nil, err
		}
		return samlsp.FetchMetadata(ctx, client, *u)
	})
	if err != nil {
		return nil, fmt.Errorf("fetching the metadata of Cl@ve: %w", err)
	}
	provider := s.provider
	provider.IDPMetadata = idp
	return &provider, nil
}
