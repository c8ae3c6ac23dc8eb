package registry

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"strings"
	"time"

	"clave/internal/saml2"
	"clave/keys"
)

// saml checks where a service provider's metadata are, and those given as a file.
func (c checker) saml(at string, s *SAMLProvider) {
	c.keyChoice(at, keys.UseSAML, s.KeyChoice)
	s.Encryption = cmp.Or(s.Encryption, EncryptionOffered)
	oneOf(c, at+".encryption", s.Encryption, []EncryptionChoice{EncryptionOffered, EncryptionRequired, EncryptionNever})
	c.cipher(at+".cipher", s.Cipher)
	if s.SigningAlg != "" {
		oneOf(c, at+".signing_alg", s.SigningAlg, []SigningAlg{RS256, RS384, RS512, ES256})
	}
	c.optionalURI(at+".unsigned_requests_acs", s.UnsignedRequestsACS)
	for i, given := range s.MetadataCertificates {
		s.MetadataCertificates[i] = c.certificate(index(at+".metadata_certificates", i), given)
	}
	sources := 0
	for _, given := range []string{s.MetadataFile, s.Metadata, s.MetadataURL} {
		if given != "" {
			sources++
		}
	}
	switch {
	case sources != 1:
		c.problem(at, "wants one of metadata_file, metadata and metadata_url")
	case s.MetadataURL != "":
		c.metadataURL(at, s)
	case s.MetadataFile != "":
		data, err := c.read(s.MetadataFile)
		if err != nil {
			c.problem(at+".metadata_file", "%s", err)
			return
		}
		s.MetadataFile, s.Metadata = "", string(data)
		c.metadata(at, at+".metadata_file", s)
	default:
		c.metadata(at, at+".metadata", s)
	}
}

// metadataURL checks what is known before anything was fetched.
func (c checker) metadataURL(at string, s *SAMLProvider) {
	c.optionalURI(at+".metadata_url", s.MetadataURL)
	if s.EntityID == "" {
		c.problem(at, "has a metadata_url and no entity_id; say whose metadata are expected there")
	}
	if len(s.MetadataCertificates) == 0 && !c.rules.Sandbox {
		c.problem(at, "has a metadata_url and no metadata_certificates, by which what is fetched is verified; "+
			"if the service does not sign its metadata, give them as metadata_file")
	}
}

// metadata checks that a text is metadata of one service to which answers can be sent.
func (c checker) metadata(at, source string, s *SAMLProvider) {
	if privatePEM.MatchString(s.Metadata) {
		c.problem(source, leaked)
		return
	}
	signers, err := certificatesFrom(s.MetadataCertificates)
	if err != nil {
		return // told already
	}
	sp, err := saml2.ReadMetadata([]byte(s.Metadata), saml2.MetadataLimits(), saml2.MetadataTerms{
		EntityID: s.EntityID, Signers: keysOf(signers), Now: c.rules.Now, AllowHTTP: c.rules.Sandbox,
	})
	if err != nil {
		c.problem(source, "%s", MetadataTrouble(err))
		return
	}
	s.EntityID = sp.EntityID
	for _, e := range sp.ACS {
		c.uri(source, e.Location)
	}
	for _, e := range sp.SingleLogout {
		c.uri(source, e.Location)
		c.optionalURI(source, e.ResponseLocation)
	}
	c.anyInForce(source, sp.SigningCertificates)
	if len(sp.SigningCertificates) == 0 && s.UnsignedRequestsACS == "" {
		c.problem(source, "has no certificate for signing, and unsigned_requests_acs is not given; give the one or the other")
	}
	if s.UnsignedRequestsACS != "" {
		if sp.SignsRequests {
			c.problem(at+".unsigned_requests_acs", "is given, but the metadata say that requests are signed; remove it")
		} else if _, ok := sp.Answer(saml2.ACS{URL: s.UnsignedRequestsACS}); !ok {
			c.problem(at+".unsigned_requests_acs", "is no AssertionConsumerService of the metadata")
		}
	}
	if _, err := encryptionFor(s, sp); err != nil {
		c.problem(source, "%s", encryptionTrouble(err))
	}
}

// anyInForce reports that all certificates are out of force. One that is may stand
// beside its successor: what counts is the key.
// Source: SAML V2.0 Metadata Interoperability Profile 1.0, section 2.6.1.
func (c checker) anyInForce(at string, all []*x509.Certificate) {
	for _, certificate := range all {
		if !c.rules.Now.Before(certificate.NotBefore) && !c.rules.Now.After(certificate.NotAfter) {
			return
		}
	}
	if len(all) > 0 {
		c.inForce(at, all[0])
	}
}

// MetadataTrouble is an error of saml2.ReadMetadata in words for operators.
func MetadataTrouble(err error) string {
	trouble := strings.TrimPrefix(err.Error(), saml2.ErrMetadata.Error()+": ")
	return strings.TrimPrefix(trouble, saml2.ErrMalformed.Error()+": ")
}

func encryptionTrouble(err error) string {
	return strings.TrimPrefix(err.Error(), saml2.ErrUnsupported.Error()+": ")
}

// encryptionFor is how assertions for the service are encrypted; nil for not at all.
func encryptionFor(s *SAMLProvider, sp *saml2.ServiceProvider) (*saml2.Encryption, error) {
	if s.Encryption == EncryptionNever {
		return nil, nil
	}
	var trouble error
	for _, k := range sp.EncryptionKeys {
		methods := k.Methods
		if s.Cipher != "" { // what is registered instead of what is said
			methods = append([]saml2.EncryptionMethod{{Algorithm: saml2.AES256GCM}}, methods...)
		}
		e, err := saml2.EncryptionFor(k.Certificate, methods)
		if err != nil {
			trouble = cmp.Or(trouble, err)
			continue
		}
		if s.Cipher != "" {
			e.Cipher = s.Cipher.uri()
		}
		return &e, nil
	}
	if trouble == nil && s.Encryption == EncryptionRequired {
		trouble = errors.New("has no RSA certificate for encryption, and encryption is required")
	}
	return nil, trouble
}

// Errors of lookups. Operators read the text around them.
var (
	// ErrNoService: nobody registered such a service.
	ErrNoService = errors.New("no such service is registered")
	// ErrUnusable: it is registered, and cannot be used now, such as for metadata that
	// were never fetched, or that are past their time.
	ErrUnusable = errors.New("the service is registered and cannot be used")
)

// SAMLService is a standard service as the front needs it. It is shared and never
// changed.
type SAMLService struct {
	Party      *RelyingParty
	Registered *SAMLProvider
	// Metadata are what the service says of itself: where answers and logouts go, the
	// formats of names, attributes, whether it wants signed assertions.
	Metadata *saml2.ServiceProvider
	// Keys may have signed its messages; several while they change.
	Keys []crypto.PublicKey
	// Encryption is how assertions are encrypted; nil for not at all.
	Encryption *saml2.Encryption
	// Called is what the service calls itself in its metadata; it may be empty.
	Called Names
}

// TakesUnsigned tells whether requests may come without signature.
func (s *SAMLService) TakesUnsigned() bool {
	return s.Registered.UnsignedRequestsACS != "" && !s.Metadata.SignsRequests
}

// Answer is where the answer to a signed request goes; see saml2.ServiceProvider.
func (s *SAMLService) Answer(wish saml2.ACS) (saml2.IndexedEndpoint, bool) {
	return s.Metadata.Answer(wish)
}

// AnswerUnsigned is where the answer to a request without signature goes: to the
// registered address alone, which a wish may name but not change. Whoever writes such
// a request is anybody.
func (s *SAMLService) AnswerUnsigned(wish saml2.ACS) (at saml2.IndexedEndpoint, ok bool) {
	if !s.TakesUnsigned() {
		return saml2.IndexedEndpoint{}, false
	}
	at, ok = s.Metadata.Answer(saml2.ACS{URL: s.Registered.UnsignedRequestsACS})
	if ok && (wish.URL != "" || wish.Index != nil || wish.Binding != "") {
		var wished saml2.IndexedEndpoint
		wished, ok = s.Metadata.Answer(wish)
		ok = ok && (wished == at || wish.URL == "" && wish.Index == nil)
	}
	if !ok {
		return saml2.IndexedEndpoint{}, false
	}
	return at, true
}

// samlEntry is a service, or why it cannot be used.
type samlEntry struct {
	service *SAMLService
	trouble error
}

// SAML finds a standard service by its entityID, letter by letter. Error: ErrNoService,
// ErrUnusable.
func (s *Snapshot) SAML(entityID string, now time.Time) (*SAMLService, error) {
	e, ok := s.saml[entityID]
	switch {
	case !ok:
		return nil, ErrNoService
	case e.trouble != nil:
		return nil, e.trouble
	case !e.service.Metadata.ValidUntil.IsZero() && !now.Before(e.service.Metadata.ValidUntil):
		return nil, unusable(errors.New("its metadata are past their validUntil"))
	}
	return e.service, nil
}
