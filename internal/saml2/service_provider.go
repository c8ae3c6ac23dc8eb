package saml2

import (
	"crypto"
	"crypto/x509"
	"slices"
	"time"
)

// ServiceProvider is what a service says of itself. Source: SAML 2.0 Metadata, section 2.4.4.
type ServiceProvider struct {
	EntityID string
	// ValidUntil is when it is to be thrown away, of whatever stands around it too;
	// CacheDuration is when it should be fetched again. Zero when it is not said.
	ValidUntil    time.Time
	CacheDuration time.Duration
	// SignsRequests says that unsigned ones are not its own; WantsSignedAssertions that
	// a signature on the response is not enough.
	SignsRequests, WantsSignedAssertions bool
	// SigningCertificates are whose keys sign; nobody looks at the rest of them.
	SigningCertificates []*x509.Certificate
	// EncryptionKeys are for what it reads, the first is as good as any that can be used.
	EncryptionKeys []EncryptionKey
	// ACS are where answers go, all by HTTP-POST; at least one.
	ACS []IndexedEndpoint
	// SingleLogout are where logouts go, by bindings that we know.
	SingleLogout      []Endpoint
	NameIDFormats     []string
	AttributeServices []AttributeService
	Interface         Interface
	// EntityAttributes are about the service itself.
	EntityAttributes []Attribute
}

// EncryptionKey is one with what its owner reads.
type EncryptionKey struct {
	Certificate *x509.Certificate
	Methods     []EncryptionMethod
}

// IndexedEndpoint is an address with its number.
type IndexedEndpoint struct {
	Endpoint
	Index int
	// Default is whether it says that it is the one to use; NotDefault that it is not.
	Default, NotDefault bool
}

// AttributeService is a list of attributes with its number.
type AttributeService struct {
	Index      int
	Default    bool
	Names      []Localized
	Attributes []RequestedAttribute
}

// Answer is where the answer to a request goes: to the address or the number that it
// says, if the metadata have it, or else to the one that is meant for all. ok is false
// when it is not there, and then nothing is sent anywhere.
// Source: SAML 2.0 Core, section 3.4.1; Profiles, section 4.1.4.1; Metadata, section 2.2.3.
func (s *ServiceProvider) Answer(wish ACS) (at IndexedEndpoint, ok bool) {
	if wish.Binding != "" && wish.Binding != BindingPost || wish.Index != nil && wish.URL != "" {
		return IndexedEndpoint{}, false
	}
	fits := []func(IndexedEndpoint) bool{
		func(e IndexedEndpoint) bool { return e.Default },
		func(e IndexedEndpoint) bool { return !e.NotDefault },
		func(IndexedEndpoint) bool { return true },
	}
	switch {
	case wish.URL != "":
		fits = []func(IndexedEndpoint) bool{func(e IndexedEndpoint) bool { return e.Location == wish.URL }}
	case wish.Index != nil:
		fits = []func(IndexedEndpoint) bool{func(e IndexedEndpoint) bool { return e.Index == *wish.Index }}
	}
	for _, fit := range fits {
		if i := slices.IndexFunc(s.ACS, fit); i >= 0 {
			return s.ACS[i], true
		}
	}
	return IndexedEndpoint{}, false
}

// Keys are the signing certificates' keys, for Terms.
func (s *ServiceProvider) Keys() []crypto.PublicKey {
	keys := make([]crypto.PublicKey, len(s.SigningCertificates))
	for i, c := range s.SigningCertificates {
		keys[i] = c.PublicKey
	}
	return keys
}
