package registry

import (
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"time"

	"clave/identity"
	"clave/internal/saml2"
	"clave/keys"
)

// KeyChoice lets a service stay on one of our signing keys while it learns the next.
// The zero value takes the active one.
type KeyChoice struct {
	// SigningKey is the key's id; Until the last day, in UTC, on which it is used.
	SigningKey string        `json:"signing_key,omitempty"`
	Until      identity.Date `json:"until,omitzero"`
}

// Key is the id of the key that signs for the service now; empty for the active one.
func (k KeyChoice) Key(now time.Time) string {
	if k.SigningKey == "" || now.UTC().Format(time.DateOnly) > k.Until.String() {
		return ""
	}
	return k.SigningKey
}

// StaysOn tells whether the key signs for a service of the party by its registration.
func (p *RelyingParty) StaysOn(key string, now time.Time) bool {
	return slices.ContainsFunc(p.SAML, func(s SAMLProvider) bool { return s.Key(now) == key }) ||
		slices.ContainsFunc(p.Clave, func(s ClaveService) bool { return s.Key(now) == key })
}

var keyIDShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

func (c checker) keyChoice(at string, use keys.Use, k KeyChoice) {
	switch {
	case k.SigningKey == "" && k.Until.IsZero():
	case !keyIDShape.MatchString(k.SigningKey):
		c.problem(at+".signing_key", "wants the id of a key, as `clave keys list` shows it")
	case k.Until.IsZero():
		c.problem(at+".signing_key", "wants until, the last day on which it is used, as in 2027-01-31; old keys do not stay for ever")
	case c.rules.Kept != nil && k.Key(c.rules.Now) != "" && !c.rules.Kept(use, k.SigningKey):
		c.problem(at+".signing_key", "is no key of the use %s that signs or did; `clave keys list` shows them", use)
	}
}

// SigningAlg is how what we write for a service is signed, as registrations write it.
// Empty is RS256, which all services read.
type SigningAlg string

// SigningAlgs. The first three are by one RSA key.
const (
	RS256 SigningAlg = "RS256"
	RS384 SigningAlg = "RS384"
	RS512 SigningAlg = "RS512"
	ES256 SigningAlg = "ES256"
)

// Key is the algorithm by which keys are kept.
func (a SigningAlg) Key() string {
	if a == ES256 {
		return keys.ES256
	}
	return keys.RS256
}

// SAMLKeys lists the algorithms of our keys that sign for standard services: first RS256,
// which metadata are signed with in any case.
func (s *Snapshot) SAMLKeys() []string {
	all := []string{keys.RS256}
	for _, p := range s.parties {
		for i := range p.SAML {
			if alg := p.SAML[i].SigningAlg.Key(); !slices.Contains(all, alg) {
				all = append(all, alg)
			}
		}
	}
	return all
}

// EncryptionChoice says when assertions are encrypted. The zero value is offered.
type EncryptionChoice string

const (
	// EncryptionOffered encrypts for services whose metadata have a key for it.
	EncryptionOffered EncryptionChoice = "offered"
	// EncryptionRequired refuses metadata without one.
	EncryptionRequired EncryptionChoice = "required"
	// EncryptionNever is for services that have a key and cannot use it.
	EncryptionNever EncryptionChoice = "never"
)

// Cipher is what data are encrypted with, as registrations write it.
type Cipher string

// Ciphers. CBC can be read by who can ask the service often enough: it is for services
// that read nothing else.
const (
	AES256GCM Cipher = "aes256-gcm"
	AES128GCM Cipher = "aes128-gcm"
	AES256CBC Cipher = "aes256-cbc"
	AES128CBC Cipher = "aes128-cbc"
)

func (c checker) cipher(at string, given Cipher) {
	if given != "" {
		oneOf(c, at, given, []Cipher{AES256GCM, AES128GCM, AES256CBC, AES128CBC})
	}
}

// uri is the cipher's name in XML Encryption; empty for the usual one.
func (c Cipher) uri() string {
	switch c {
	case AES256GCM:
		return saml2.AES256GCM
	case AES128GCM:
		return saml2.AES128GCM
	case AES256CBC:
		return saml2.AES256CBC
	case AES128CBC:
		return saml2.AES128CBC
	}
	return ""
}

// certificatesFrom reads certificates as this package stores them.
func certificatesFrom(stored []string) ([]*x509.Certificate, error) {
	all := make([]*x509.Certificate, len(stored))
	for i, text := range stored {
		der, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("reading a stored certificate: %w", err)
		}
		if all[i], err = x509.ParseCertificate(der); err != nil {
			return nil, fmt.Errorf("reading a stored certificate: %w", err)
		}
	}
	return all, nil
}

func keysOf(certificates []*x509.Certificate) []crypto.PublicKey {
	keys := make([]crypto.PublicKey, len(certificates))
	for i, c := range certificates {
		keys[i] = c.PublicKey
	}
	return keys
}
