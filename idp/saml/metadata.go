package saml

import (
	"context"
	"crypto/x509"
	"net/http"
	"time"

	"clave/identity"
	"clave/internal/saml2"
	"clave/internal/xmlsig"
	"clave/keys"
)

// Lifetimes of our metadata. Our choice: services that read them again as they are told
// learn the next certificate within a quarter of the day that it is published before it
// signs, and one that cannot reach us for a week still works.
const (
	metadataValid = 7 * 24 * time.Hour
	metadataAgain = 6 * time.Hour
	// metadataMade is how long the same document is given, so that signing it costs
	// nothing.
	metadataMade  = time.Hour
	metadataCache = "public, max-age=3600"
)

// published is a document with what it was made of. It never changes.
type published struct {
	document []byte
	keys     []keys.PublicKey
	revision int64 // of the register, where services ask for algorithms
	at       time.Time
}

// fresh tells whether the document still holds.
func (p *published) fresh(all []keys.PublicKey, revision int64, now time.Time) bool {
	same := p.revision == revision && len(p.keys) == len(all) && (len(all) == 0 || &p.keys[0] == &all[0])
	return same && now.Before(p.at.Add(metadataMade)) && !now.Before(p.at)
}

// describe gives our metadata, signed. A key that a service was registered for is made
// before: the service has to read the certificate first.
func (f *Front) describe(ctx context.Context) ([]byte, error) {
	now, registered := f.Now(), f.Parties.Snapshot()
	if p := f.metadata.Load(); p != nil && p.fresh(f.Signers.Published(), registered.Revision, now) {
		return p.document, nil
	}
	algs := registered.SAMLKeys()
	if err := f.Signers.Ensure(ctx, algs...); err != nil {
		return nil, err
	}
	signer, err := f.signer(ctx, nil)
	if err != nil {
		return nil, err
	}
	all := f.Signers.Published()
	document, err := f.described(all, algs, now).Write(signer)
	if err != nil {
		return nil, err
	}
	f.metadata.Store(&published{document, all, registered.Revision, now})
	return document, nil
}

// described is what we say of ourselves.
func (f *Front) described(all []keys.PublicKey, algs []string, now time.Time) saml2.IdentityProvider {
	offered := attributes()
	named := make([]saml2.Attribute, len(offered))
	for i, one := range offered {
		named[i] = saml2.Attribute{Name: one.name, FriendlyName: one.friendlyName}
	}
	return saml2.IdentityProvider{
		EntityID: f.EntityID(), ID: saml2.NewID(), ValidUntil: now.Add(metadataValid), CacheDuration: metadataAgain,
		SigningCertificates: certificates(all, algs),
		WantSignedRequests:  true,
		SingleSignOn: []saml2.Endpoint{
			{Binding: saml2.BindingRedirect, Location: f.sso()},
			{Binding: saml2.BindingPost, Location: f.sso()},
		},
		SingleLogout: []saml2.Endpoint{
			{Binding: saml2.BindingRedirect, Location: f.slo()},
			{Binding: saml2.BindingPost, Location: f.slo()},
		},
		NameIDFormats: []string{saml2.FormatPersistent, saml2.FormatTransient, saml2.FormatUnspecified},
		Attributes:    named,
		EntityAttributes: []saml2.Attribute{{
			Name:   saml2.AssuranceCertification,
			Values: []string{identity.Low.URI(), identity.Substantial.URI(), identity.High.URI()},
		}},
		DigestMethods:  []string{xmlsig.SHA256, xmlsig.SHA384, xmlsig.SHA512},
		SigningMethods: []string{xmlsig.RSASHA256, xmlsig.RSASHA384, xmlsig.RSASHA512, xmlsig.ECDSASHA256, xmlsig.ECDSASHA384, xmlsig.ECDSASHA512},
		Interface:      f.Interface, Organization: f.Organization, Contacts: f.Contacts,
	}
}

// certificates are those that services should know: what signs for most of them first,
// since some read one alone, then what will, and then those of an algorithm that a service
// is registered for. Old keys are for those who have them.
func certificates(all []keys.PublicKey, algs []string) []*x509.Certificate {
	var listed []*x509.Certificate
	for _, alg := range algs {
		for _, state := range [...]keys.State{keys.Active, keys.Next} {
			for _, k := range all {
				if k.State == state && k.Alg == alg {
					listed = append(listed, k.Certificate)
				}
			}
		}
	}
	return listed
}

// showMetadata answers with our metadata.
func (f *Front) showMetadata(w http.ResponseWriter, r *http.Request) {
	document, err := f.describe(r.Context())
	if err != nil {
		f.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	_, _ = w.Write(document) // the service is gone: nothing to do about it
}
