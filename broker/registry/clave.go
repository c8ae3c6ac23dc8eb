package registry

import (
	"regexp"
	"strings"
)

// providerShape is NIF, DIR3 code and, after ; or _, the application.
// Source: the provider names in the public integration kits of Cl@ve 2.
var providerShape = regexp.MustCompile(`^[A-Za-z0-9]{9}_[A-Za-z0-9]{9}([;_][A-Za-z0-9._-]{1,80})?$`)

// clave checks a service of the Cl@ve 2 dialect.
func (c checker) clave(at string, s *ClaveService) {
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
		s.EncryptionCertificate = c.certificate(at+".encryption_certificate", s.EncryptionCertificate)
	}
}

// ProviderKey is by what a provider name is found: clients differ in case, and
// in the character before the application.
func ProviderKey(name string) string {
	key := strings.ToUpper(name)
	if dir3 := strings.IndexByte(key, '_'); dir3 >= 0 {
		if app := strings.IndexByte(key[dir3+1:], '_'); app >= 0 {
			key = key[:dir3+1+app] + ";" + key[dir3+1+app+1:]
		}
	}
	return key
}
