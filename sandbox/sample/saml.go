package sample

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"github.com/crewjam/saml"
	"github.com/crewjam/saml/samlsp"
	dsig "github.com/russellhaering/goxmldsig"

	"clave/web/route"
)

// samlSite is a service that speaks SAML 2.0, by a stock library.
type samlSite struct {
	site
	provider saml.ServiceProvider // without the identity provider's metadata

	asked    shelf[asked]     // by the request's ID
	received shelf[received]  // until the browser that asked fetches it
	logins   shelf[samlLogin] // by the browser's cookie
	leaving  shelf[leaving]   // by the logout request's ID

	mu      sync.Mutex
	idp     *saml.EntityDescriptor
	fetched time.Time
}

// samlLogin is who is logged in, with what names them and their session in a logout.
type samlLogin struct {
	login
	Name    saml.NameID
	Session string
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
	return &samlSite{site: s, provider: saml.ServiceProvider{
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

// How the metadata of Cl@ve are read: again after a while, so that the certificate which
// will sign next is known before it does.
const (
	metadataAge     = time.Minute // an hour would do outside of tests
	metadataPatient = 10 * time.Second
)

// peer is the library's service provider, knowing Cl@ve as it is now. The metadata are
// fetched from this machine; those of another have to be verified by the certificate
// that its operator gave.
func (s *samlSite) peer(ctx context.Context) (*saml.ServiceProvider, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.idp == nil || s.Now().Sub(s.fetched) > metadataAge {
		ctx, cancel := context.WithTimeout(ctx, metadataPatient)
		defer cancel()
		u, err := url.Parse(s.Issuer + "/saml/metadata")
		if err != nil {
			return nil, fmt.Errorf("naming the metadata of Cl@ve: %w", err)
		}
		idp, err := samlsp.FetchMetadata(ctx, http.DefaultClient, *u)
		if err != nil {
			return nil, fmt.Errorf("fetching the metadata of Cl@ve: %w", err)
		}
		s.idp, s.fetched = idp, s.Now()
	}
	provider := s.provider
	provider.IDPMetadata = s.idp
	return &provider, nil
}

func (s *samlSite) show(w http.ResponseWriter, r *http.Request) {
	v := view{}
	if l, ok := s.current(r); ok {
		v.Login = &l.login
	} else if r.URL.Query().Has("out") {
		v.Notice = "You are logged out, here and at Cl@ve."
	} else if r.URL.Query().Has("partly") {
		v.Notice = "You are logged out here, and perhaps not everywhere: close the browser."
	}
	s.render(w, r, http.StatusOK, v)
}
