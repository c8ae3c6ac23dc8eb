package registry

import (
	"crypto"
	"regexp"
	"slices"
	"strings"

	"clave/identity"
	"clave/internal/saml2"
	"clave/keys"
)

// providerShape is NIF, DIR3 code and, after ; or _, the application.
// Source: the provider names in the public integration kits of Cl@ve 2.
var providerShape = regexp.MustCompile(`^[A-Za-z0-9]{9}_[A-Za-z0-9]{9}([;_][A-Za-z0-9._-]{1,80})?$`)

// clave checks a service of the Cl@ve 2 dialect, whose party gets these attributes.
func (c checker) clave(at string, s *ClaveService, attributes []identity.Attribute) {
	unknown := func(a identity.Attribute) bool { return !slices.Contains(identity.AllAttributes(), a) } // told already
	if !slices.Contains(attributes, identity.DocumentNumber) && !slices.ContainsFunc(attributes, unknown) {
		c.problem(at, "needs document_number among the attributes of its relying party: it is the name in every answer")
	}
	if !providerShape.MatchString(s.ProviderName) {
		c.problem(at+".provider_name", "wants NIF_DIR3;Application, as in P2807900B_L01280796;Town")
	}
	if len(s.ACS) == 0 {
		c.problem(at, "has no acs; list every address to which citizens return")
	}
	c.uris(at+".acs", s.ACS)
	c.uris(at+".logout", s.Logout)
	if len(s.Certificates) == 0 {
		c.problem(at, "has no certificates, by which its requests are verified")
	}
	for i, given := range s.Certificates {
		s.Certificates[i] = c.certificate(index(at+".certificates", i), given)
	}
	if s.EncryptionCertificate != "" {
		before := c.document.Faulty(at + ".encryption_certificate")
		s.EncryptionCertificate = c.certificate(at+".encryption_certificate", s.EncryptionCertificate)
		if _, err := s.encryption(); err != nil && !before && !c.document.Faulty(at+".encryption_certificate") {
			c.problem(at+".encryption_certificate", "cannot be used: %s", encryptionTrouble(err))
		}
	} else if s.EncryptionCipher != "" {
		c.problem(at+".encryption_cipher", "is given without encryption_certificate; add that or remove it")
	}
	c.cipher(at+".encryption_cipher", s.EncryptionCipher)
	c.keyChoice(at, keys.UseClave, s.KeyChoice)
}

// encryption is how assertions for the service are encrypted; nil for not at all.
func (s *ClaveService) encryption() (*saml2.Encryption, error) {
	if s.EncryptionCertificate == "" {
		return nil, nil
	}
	certificates, err := certificatesFrom([]string{s.EncryptionCertificate})
	if err != nil {
		return nil, err
	}
	e, err := saml2.EncryptionFor(certificates[0], nil)
	if s.EncryptionCipher != "" {
		e.Cipher = s.EncryptionCipher.uri()
	}
	return &e, err
}

// DialectService is a service of the Cl@ve 2 dialect as the front needs it. It is
// shared and never changed.
type DialectService struct {
	Party *RelyingParty
	// Registered has where answers and logouts go.
	Registered *ClaveService
	// Keys may have signed its messages; several while they change.
	Keys []crypto.PublicKey
	// Encryption is how assertions are encrypted; nil for not at all.
	Encryption *saml2.Encryption
}

// AnswersAt tells whether answers may go to the address, letter by letter.
func (s *DialectService) AnswersAt(acs string) bool { return slices.Contains(s.Registered.ACS, acs) }

// LogsOutAt tells whether answers to logouts may go to the address, letter by letter.
func (s *DialectService) LogsOutAt(address string) bool {
	return slices.Contains(s.Registered.Logout, address)
}

// dialectEntry is a service, or why it cannot be used.
type dialectEntry struct {
	service *DialectService
	trouble error
}

// Dialect finds a service of the dialect by its ProviderName; see ProviderKey. Error:
// ErrNoService, ErrUnusable.
func (s *Snapshot) Dialect(providerName string) (*DialectService, error) {
	e, ok := s.dialect[ProviderKey(providerName)]
	if !ok {
		return nil, ErrNoService
	}
	return e.service, e.trouble
}

// DialectLeaving are the services of the dialect that have the address registered for
// logouts, letter by letter, in the order of their parties. The slice is shared.
func (s *Snapshot) DialectLeaving(address string) []*DialectService { return s.leaving[address] }

// ProviderShaped tells whether a name has the shape of a ProviderName.
func ProviderShaped(name string) bool { return providerShape.MatchString(name) }

func (s *Snapshot) addDialect(p *RelyingParty, registered *ClaveService) {
	key := ProviderKey(registered.ProviderName)
	certificates, err := certificatesFrom(registered.Certificates)
	if err == nil {
		var encryption *saml2.Encryption
		if encryption, err = registered.encryption(); err == nil {
			service := &DialectService{p, registered, keysOf(certificates), encryption}
			s.dialect[key] = dialectEntry{service: service}
			for _, address := range registered.Logout {
				s.leaving[address] = append(s.leaving[address], service)
			}
			return
		}
	}
	s.dialect[key] = dialectEntry{trouble: unusable(err)}
}

// ProviderKey is by what a provider name is found: clients differ in case, and
// in the character before the application.
func ProviderKey(name string) string {
	key := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' { // others have capitals that are somebody else's letters
			return r - 'a' + 'A'
		}
		return r
	}, name)
	if dir3 := strings.IndexByte(key, '_'); dir3 >= 0 {
		if app := strings.IndexAny(key[dir3+1:], "_;"); app >= 0 {
			key = key[:dir3+1+app] + ";" + key[dir3+1+app+1:]
		}
	}
	return key
}
